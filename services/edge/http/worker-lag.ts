import { jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { durables, streams } from '#platform/contract/streams'

/** How far behind one stage of an answer's way is. */
export interface StageLag {
  readonly stage: string
  /** Messages that no copy has taken yet, and those in processing; undefined while unknown. */
  readonly waiting: number | undefined
  readonly inHand: number | undefined
}

const STAGES = [
  { stream: streams.answers, durable: durables.evaluator },
  { stream: streams.evaluations, durable: durables.scorer },
  { stream: streams.scores, durable: durables.leaderboard },
] as const

const TIMEOUT_MS = 1_000
const EVERY_MS = 1_000

/** The newest known lags. Asks for newer ones, not more often than once a second, and gives those the next time. */
export const createWorkerLag = async (nats: NatsConnection): Promise<() => readonly StageLag[]> => {
  const manager = await jetstreamManager(nats, { checkAPI: false, timeout: TIMEOUT_MS })
  let lags: readonly StageLag[] = STAGES.map(({ durable }) => ({
    stage: durable,
    waiting: undefined,
    inHand: undefined,
  }))
  let askedAt = Number.NEGATIVE_INFINITY

  const ask = async ({ stream, durable }: (typeof STAGES)[number]): Promise<StageLag> => {
    try {
      const { num_pending: waiting, num_ack_pending: inHand } = await manager.consumers.info(stream, durable)
      return { stage: durable, waiting, inHand }
    } catch {
      return { stage: durable, waiting: undefined, inHand: undefined } // shown as unknown
    }
  }

  return () => {
    const now = performance.now()
    if (now - askedAt >= EVERY_MS) {
      askedAt = now
      void Promise.all(STAGES.map(ask)).then((found) => {
        lags = found
      })
    }
    return lags
  }
}
