import { jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { streams } from '#lib/contract/streams'
import { subjects } from '#lib/contract/subjects'
import { PodiumError } from '#lib/errors'
import type { AnswerLog } from '../app/ports.ts'

/** Shorter than the time a reveal waits for its answers. */
const TIMEOUT_MS = 800

/** Counts the messages of ANSWERS by subject: each subject holds one answer. */
export const createAnswerLog = async (nc: NatsConnection): Promise<AnswerLog> => {
  const manager = await jetstreamManager(nc, { checkAPI: false, timeout: TIMEOUT_MS })
  return {
    acceptedCount: async (sessionId, questionIndex) => {
      try {
        const info = await manager.streams.info(streams.answers, {
          subjects_filter: subjects.answersTo(sessionId, questionIndex),
        })
        return Object.keys(info.state.subjects ?? {}).length
      } catch (cause) {
        throw new PodiumError('unavailable', { cause })
      }
    },
  }
}
