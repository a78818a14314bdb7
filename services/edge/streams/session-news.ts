import { fromBinary } from '@bufbuild/protobuf'
import type { NatsConnection } from '@nats-io/transport-node'
import { LobbyUpdateSchema, PlayerTakeoverSchema } from '#gen/lobby_pb'
import { decodeEarned } from '#platform/contract/codec/score'
import { sessionIdOf, subjects } from '#platform/contract/subjects'
import type { Logger } from '#platform/logger'
import type { SessionNews } from './ports.ts'

export interface SessionNewsOptions {
  readonly nats: NatsConnection
  readonly logger: Logger
}

/** Core NATS subscriptions of one session each. What was missed of them shows on the board. */
export const createSessionNews = ({ nats, logger }: SessionNewsOptions): SessionNews => {
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

  return {
    earned: (sessionId, listener) =>
      subscribe(subjects.earned(sessionId), decodeEarned, (batch) => {
        // A reply of the stream may be directed to any subject: the content has to be meant for it.
        if (batch.sessionId === sessionId) listener(batch)
      }),
    lobby: (sessionId, listener) => subscribe(subjects.lobby(sessionId), lobbyUpdate, listener),
    takeovers: (sessionId, listener) => subscribe(subjects.takeover(sessionId), takeover, listener),
  }
}

const lobbyUpdate = (data: Uint8Array) => fromBinary(LobbyUpdateSchema, data)
const takeover = (data: Uint8Array) => fromBinary(PlayerTakeoverSchema, data)
