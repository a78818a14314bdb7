import { setTimeout as sleep } from 'node:timers/promises'
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Clock } from '#platform/clock'
import { answersStream, durables, evaluatorDurable, partitionOf, streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import type { Publisher } from '#platform/publisher'

/** How accepted answers get into the ledger. */
export interface AnswerPipeline {
  /**
   * Resolves with true as soon as every answer of the session that was stored before the call is in the ledger; one that was
   * published before it and is not there will never be. With false after `waitMs`.
   * @throws PodiumError or a driver's error when that cannot be known
   */
  settled(sessionId: string, waitMs: number): Promise<boolean>
}

const REQUEST_TIMEOUT_MS = 800
const POLL_FIRST_MS = 2
const POLL_LAST_MS = 50
const NOTHING = new Uint8Array()

/**
 * A barrier is stored behind the session's answers: what was published before it and is not stored by then cannot be stored
 * any more, also if the servers of a cluster were apart. When the workers have acked the barrier and what was in
 * EVALUATIONS after that, everything in front of it is in the ledger: each acks when what it made of a message is durable.
 * A few requests, however many answers there are.
 */
export const createAnswerPipeline = async ({
  nc,
  publisher,
  partitions,
  clock,
}: {
  readonly nc: NatsConnection
  readonly publisher: Publisher
  readonly partitions: number
  readonly clock: Clock
}): Promise<AnswerPipeline> => {
  const manager = await jetstreamManager(nc, { checkAPI: false, timeout: REQUEST_TIMEOUT_MS })

  const emptied = async (partition: number, deadline: number): Promise<boolean> => {
    const { sequence: barrier } = await publisher.publish(subjects.barrier(partition), NOTHING)
    const evaluator = { stream: answersStream(partition), durable: evaluatorDurable(partition) }
    if (!(await passed(manager, evaluator, barrier, deadline, clock))) return false
    const { state } = await manager.streams.info(streams.evaluations)
    return passed(manager, { stream: streams.evaluations, durable: durables.scorer }, state.last_seq, deadline, clock)
  }

  /** What waits for a partition waits together: a call during a round needs one that begins after the call. */
  const rounds = new Map<number, { readonly now: Promise<boolean>; next?: Promise<boolean> }>()
  const join = (partition: number, waitMs: number): Promise<boolean> => {
    const round = rounds.get(partition)
    if (round !== undefined) {
      round.next ??= round.now.then(
        () => join(partition, waitMs),
        () => join(partition, waitMs),
      )
      return round.next
    }
    const now = emptied(partition, clock.monotonic() + waitMs).finally(() => rounds.delete(partition))
    rounds.set(partition, { now })
    return now
  }

  return {
    settled: async (sessionId, waitMs) => {
      const tooLate = new AbortController()
      const timeout = sleep(waitMs, false, { signal: tooLate.signal }).catch(() => false)
      try {
        return await Promise.race([join(partitionOf(sessionId, partitions), waitMs), timeout])
      } finally {
        tooLate.abort()
      }
    },
  }
}

/** Waits until the worker has acked everything up to a message. */
const passed = async (
  manager: JetStreamManager,
  { stream, durable }: { readonly stream: string; readonly durable: string },
  sequence: number,
  deadline: number,
  clock: Clock,
): Promise<boolean> => {
  for (let pauseMs = POLL_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, POLL_LAST_MS)) {
    const {
      ack_floor: floor,
      num_pending: pending,
      num_ack_pending: unacked,
    } = await manager.consumers.info(stream, durable)
    if (floor.stream_seq >= sequence || (pending === 0 && unacked === 0)) return true
    if (clock.monotonic() + pauseMs >= deadline) return false
    await sleep(pauseMs)
  }
}
