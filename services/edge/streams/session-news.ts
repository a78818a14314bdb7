import { fromBinary } from '@bufbuild/protobuf'
import type { NatsConnection } from '@nats-io/transport-node'
import { type LobbyUpdate, LobbyUpdateSchema, type PlayerTakeover, PlayerTakeoverSchema } from '#gen/lobby_pb'
import type { EarnedBatch } from '#gen/score_pb'
import { decodeEarned } from '#platform/contract/codec/score'
import { sessionIdOf, subjects } from '#platform/contract/subjects'
import type { Logger } from '#platform/logger'

export type SessionNews = ReturnType<typeof createSessionNews>

/** What core NATS says of a session: in order, possibly with holes, which show on the board. Listeners must not throw. */
export const createSessionNews = ({ nats, logger }: { readonly nats: NatsConnection; readonly logger: Logger }) => {
  const subscribe = <T>(
    subject: string,
    decode: (data: Uint8Array) => T,
    listener: (message: T) => void,
  ): (() => void) => {
    const subscription = nats.subscribe(subject, {
      callback: (err, { data }) => {
        try {
          if (err !== null) throw err
          listener(decode(data))
        } catch (err) {
          logger.error({ err, sessionId: sessionIdOf(subject), subject }, 'message not understood')
        }
      },
    })
    return () => subscription.unsubscribe()
  }

  /** What answers earned, with one subscription for all that listen to a session. */
  const earnings = new Map<
    string,
    { readonly listeners: Set<(batch: EarnedBatch) => void>; readonly end: () => void }
  >()

  const listenToEarned = (sessionId: string) => {
    const listeners = new Set<(batch: EarnedBatch) => void>()
    const end = subscribe(subjects.earned(sessionId), decodeEarned, (batch) => {
      // A reply of the stream may be directed to any subject: the content has to be meant for it.
      if (batch.sessionId === sessionId) for (const each of listeners) each(batch)
    })
    const earned = { listeners, end }
    earnings.set(sessionId, earned)
    return earned
  }

  return {
    /** Each returns its end. */
    earned: (sessionId: string, listener: (batch: EarnedBatch) => void): (() => void) => {
      const earned = earnings.get(sessionId) ?? listenToEarned(sessionId)
      earned.listeners.add(listener)
      return () => {
        earned.listeners.delete(listener)
        if (earned.listeners.size > 0 || earnings.get(sessionId) !== earned) return
        earnings.delete(sessionId)
        earned.end()
      }
    },
    lobby: (sessionId: string, listener: (update: LobbyUpdate) => void): (() => void) =>
      subscribe(subjects.lobby(sessionId), (data) => fromBinary(LobbyUpdateSchema, data), listener),
    takeovers: (sessionId: string, listener: (takeover: PlayerTakeover) => void): (() => void) =>
      subscribe(subjects.takeover(sessionId), (data) => fromBinary(PlayerTakeoverSchema, data), listener),
  }
}
