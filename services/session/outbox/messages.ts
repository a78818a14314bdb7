import { create, toBinary } from '@bufbuild/protobuf'
import { FeedMessageSchema } from '#gen/feed_pb'
import { ScoreBatchSchema } from '#gen/score_pb'
import { TimerSchema } from '#gen/timer_pb'
import { subjects } from '#platform/contract/subjects'
import type { Player } from '../../game/session/admission.ts'
import { type FeedTrigger, feedMessage } from '../sessions/feed-message.ts'
import type { OutboxMessage, SessionView } from '../sessions/session.ts'

const message = (subject: string, payload: Uint8Array): OutboxMessage => ({ subject, payload: Buffer.from(payload) })

export const feedOutbox = (view: SessionView, event: FeedTrigger, now: number): OutboxMessage =>
  message(subjects.feed(view.session.sessionId), toBinary(FeedMessageSchema, feedMessage(view, now, event)))

export const timerOutbox = (sessionId: string, epoch: number, dueAtMs: number): OutboxMessage =>
  message(subjects.timer(sessionId), toBinary(TimerSchema, create(TimerSchema, { sessionId, epoch, dueAtMs })))

/**
 * What the board must know of players: new ones come onto it with totals of version 0, below whatever they score; removed ones
 * leave it for good.
 */
export const boardOutbox = (sessionId: string, players: readonly Player[], removed = false): OutboxMessage => {
  const totals = players.map(({ playerId, joinOrder }) => ({ playerId, joinOrder, ...(removed && { removed }) }))
  return message(subjects.score(sessionId), toBinary(ScoreBatchSchema, create(ScoreBatchSchema, { sessionId, totals })))
}
