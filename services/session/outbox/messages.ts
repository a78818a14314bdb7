import { create, toBinary } from '@bufbuild/protobuf'
import { FeedMessageSchema } from '#gen/feed_pb'
import { ScoreBatchSchema } from '#gen/score_pb'
import { TimerSchema } from '#gen/timer_pb'
import { subjects } from '#platform/contract/subjects'
import type { Player } from '../../game/session/admission.ts'
import { type FeedTrigger, feedMessage } from '../sessions/feed-message.ts'
import type { SessionView } from '../sessions/get-session.ts'

/** A message to be published because its transaction committed. */
export interface OutboxMessage {
  readonly subject: string
  readonly payload: Buffer
}

const message = (subject: string, payload: Uint8Array): OutboxMessage => ({ subject, payload: Buffer.from(payload) })

export const feedOutbox = (view: SessionView, event: FeedTrigger, now: number): OutboxMessage =>
  message(subjects.feed(view.session.sessionId), toBinary(FeedMessageSchema, feedMessage(view, now, event)))

export const timerOutbox = (sessionId: string, epoch: number, dueAtMs: number): OutboxMessage =>
  message(subjects.timer(sessionId), toBinary(TimerSchema, create(TimerSchema, { sessionId, epoch, dueAtMs })))

/** Puts new players on the board: totals of version 0, below whatever they score. */
export const seatsOutbox = (sessionId: string, players: readonly Player[]): OutboxMessage =>
  scores(
    sessionId,
    players.map(({ playerId, joinOrder }) => ({ playerId, joinOrder })),
  )

/** Takes a player off the board for good. */
export const removalOutbox = (sessionId: string, { playerId, joinOrder }: Player): OutboxMessage =>
  scores(sessionId, [{ playerId, joinOrder, removed: true }])

const scores = (
  sessionId: string,
  totals: readonly { readonly playerId: string; readonly joinOrder: number; readonly removed?: boolean }[],
): OutboxMessage =>
  message(
    subjects.score(sessionId),
    toBinary(ScoreBatchSchema, create(ScoreBatchSchema, { sessionId, totals: [...totals] })),
  )
