import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf'
import type { NatsConnection } from '@nats-io/transport-node'
import { LobbyUpdateSchema, PlayerTakeoverSchema } from '#gen/lobby_pb'
import { ScoreBatchSchema } from '#gen/score_pb'
import { subjects } from '#lib/contract/subjects'
import type { Logger } from '#lib/logger'
import type { SessionNews } from '../app/stream-ports.ts'

export interface SessionNewsOptions {
  readonly nats: NatsConnection
  readonly logger: Logger
}

/** Core NATS subscriptions of one session each. SCORES is read as it passes by: what was missed shows on the board. */
export const createSessionNews = ({ nats, logger }: SessionNewsOptions): SessionNews => {
  const subscribe = <S extends DescMessage & { readonly typeName: string }>(
    subject: string,
    schema: S,
    sessionId: string,
    listener: (message: MessageShape<S>) => void,
  ): (() => void) => {
    const subscription = nats.subscribe(subject, {
      callback: (err, { data }) => {
        try {
          if (err !== null) throw err
          listener(fromBinary(schema, data))
        } catch (err) {
          logger.error({ err, sessionId, type: schema.typeName }, 'message not understood')
        }
      },
    })
    return () => subscription.unsubscribe()
  }

  return {
    scores: (sessionId, listener) => subscribe(subjects.score(sessionId), ScoreBatchSchema, sessionId, listener),
    lobby: (sessionId, listener) => subscribe(subjects.lobby(sessionId), LobbyUpdateSchema, sessionId, listener),
    takeovers: (sessionId, listener) =>
      subscribe(subjects.takeover(sessionId), PlayerTakeoverSchema, sessionId, listener),
  }
}
