import { create, toBinary } from '@bufbuild/protobuf'
import type { NatsConnection } from '@nats-io/transport-node'
import { LRUCache } from 'lru-cache'
import { GetSessionRequestSchema, QuestionIdsRequestSchema } from '#gen/command_pb'
import type { FeedMessage } from '#gen/feed_pb'
import { PodiumError } from '#platform/errors'
import { sendCommand } from '#platform/rpc'
import type { Telemetry } from '#platform/telemetry'

/** A player count that takes longer is not worth waiting for. */
const SESSION_TIMEOUT_MS = 2_000

/** Sessions whose question ids are kept. */
const CACHED_SESSIONS = 5_000

export type SessionSource = ReturnType<typeof createSessionSource>

/** What the edge asks `session` about a session on its own behalf. */
export const createSessionSource = ({
  nats,
  telemetry,
}: {
  readonly nats: Pick<NatsConnection, 'request'>
  readonly telemetry?: Telemetry | undefined
}) => {
  const known = new LRUCache<string, Promise<readonly string[]>>({ max: CACHED_SESSIONS })

  const ask = async (sessionId: string): Promise<readonly string[]> => {
    const payload = toBinary(QuestionIdsRequestSchema, create(QuestionIdsRequestSchema, { sessionId }))
    return (await sendCommand(nats, 'session-question-ids', payload, 'questionIds', { telemetry })).questionIds
  }

  return {
    /** The session as it is in the database; undefined when there is none. @throws PodiumError `unavailable` */
    get: async (sessionId: string): Promise<FeedMessage | undefined> => {
      const payload = toBinary(GetSessionRequestSchema, create(GetSessionRequestSchema, { sessionId }))
      try {
        return await sendCommand(nats, 'session-get', payload, 'session', { timeoutMs: SESSION_TIMEOUT_MS, telemetry })
      } catch (err) {
        const isUnknown = err instanceof PodiumError && (err.code === 'not-found' || err.code === 'session-not-found')
        if (isUnknown) return undefined
        throw err
      }
    },
    /**
     * Ids of the questions in the order of play, asked for once per session: the order is fixed when a session is created.
     * Failures and empty lists are not kept. @throws PodiumError `unavailable`, `not-found`
     */
    questionIds: (sessionId: string): Promise<readonly string[]> => {
      const cached = known.get(sessionId)
      if (cached !== undefined) return cached
      const asked = ask(sessionId)
      known.set(sessionId, asked)
      asked.then(
        (ids) => {
          if (ids.length === 0) known.delete(sessionId)
        },
        () => known.delete(sessionId),
      )
      return asked
    },
  }
}
