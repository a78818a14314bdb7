import { setTimeout as sleep } from 'node:timers/promises'
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Clock } from '#platform/clock'
import { durables, streams } from '#platform/contract/streams'

/** How accepted answers get into the ledger. */
export interface AnswerPipeline {
  /**
   * Resolves with true as soon as every answer that was accepted before the call is in the ledger, with false after
   * `waitMs`. @throws PodiumError or a driver's error when that cannot be known
   */
  settled(waitMs: number): Promise<boolean>
}

/** The way of an answer into the ledger: each worker acks when what it made of a message is durable. */
const STAGES = [
  { stream: streams.answers, durable: durables.evaluator },
  { stream: streams.evaluations, durable: durables.scorer },
] as const

const REQUEST_TIMEOUT_MS = 800
const POLL_FIRST_MS = 2
const POLL_LAST_MS = 50

/**
 * Follows the workers' acks: when each stage has acked all that was in its stream, one after the other, everything that was
 * in the first one is in the ledger. Two numbers per stage, however many answers there are; to count the messages of a
 * subject the server would look through the whole stream.
 */
export const createAnswerPipeline = async (nc: NatsConnection, clock: Clock): Promise<AnswerPipeline> => {
  const manager = await jetstreamManager(nc, { checkAPI: false, timeout: REQUEST_TIMEOUT_MS })

  const emptied = async (deadline: number): Promise<boolean> => {
    for (const stage of STAGES) if (!(await passed(manager, stage, deadline, clock))) return false
    return true
  }

  /** Questions that close together wait together: a call during a round needs one that begins after the call. */
  let round: { readonly now: Promise<boolean>; next?: Promise<boolean> } | undefined
  const join = (waitMs: number): Promise<boolean> => {
    if (round !== undefined) {
      round.next ??= round.now.then(
        () => join(waitMs),
        () => join(waitMs),
      )
      return round.next
    }
    const now = emptied(clock.monotonic() + waitMs).finally(() => {
      round = undefined
    })
    round = { now }
    return now
  }

  return {
    settled: async (waitMs) => {
      const tooLate = new AbortController()
      const timeout = sleep(waitMs, false, { signal: tooLate.signal }).catch(() => false)
      try {
        return await Promise.race([join(waitMs), timeout])
      } finally {
        tooLate.abort()
      }
    },
  }
}

/** Waits until the worker has acked everything that is in the stream now. */
const passed = async (
  manager: JetStreamManager,
  { stream, durable }: (typeof STAGES)[number],
  deadline: number,
  clock: Clock,
): Promise<boolean> => {
  const { state } = await manager.streams.info(stream)
  for (let pauseMs = POLL_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, POLL_LAST_MS)) {
    const {
      ack_floor: floor,
      num_pending: pending,
      num_ack_pending: unacked,
    } = await manager.consumers.info(stream, durable)
    if (floor.stream_seq >= state.last_seq || (pending === 0 && unacked === 0)) return true
    if (clock.monotonic() + pauseMs >= deadline) return false
    await sleep(pauseMs)
  }
}
