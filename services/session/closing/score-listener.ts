import type { NatsConnection } from '@nats-io/transport-node'
import { decodeProgress, decodeProgressOfSeveral, type ProgressOfBatch } from '#platform/contract/codec/score'
import { queues } from '#platform/contract/streams'
import { subjects, wildcards } from '#platform/contract/subjects'
import type { Lifecycle } from '#platform/lifecycle'
import type { Logger } from '#platform/logger'
import type { Background } from '../background.ts'
import type { OnScores } from './on-scores.ts'

/**
 * Hears how many answers are scored, as it happens. Core NATS: what is missed only means that a question closes when its
 * time is up rather than when everybody has answered.
 */
export const listenToScores = (options: {
  readonly nc: NatsConnection
  readonly onScores: OnScores
  readonly background: Background
  readonly lifecycle: Lifecycle
  readonly logger: Logger
}): void => {
  const { nc, onScores, background, lifecycle, logger } = options
  const subscription = nc.subscribe(wildcards.scores, {
    queue: queues.session,
    callback: (err, message) => {
      if (err !== null) {
        logger.error({ err }, 'score subscription failed')
        return
      }
      for (const { sessionId, progress } of decode(message.subject, message.data)) {
        if (progress.length > 0) background(onScores(sessionId, progress))
      }
    },
  })
  lifecycle.onStop('score listener', () => subscription.drain())
}

/** Nothing of what nobody can read: the durable consumers of the stream deal with it. */
const decode = (subject: string, payload: Uint8Array): readonly ProgressOfBatch[] => {
  try {
    return subject === subjects.scores ? decodeProgressOfSeveral(payload) : [decodeProgress(payload)]
  } catch {
    return []
  }
}
