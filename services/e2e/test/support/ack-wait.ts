import { jetstreamManager } from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import { answersStream, durables, evaluatorDurable, streams } from '#platform/contract/streams'
import type { Stack } from '../../../../deploy/local/stack.ts'
import { connectAsOperator } from '../../operator.ts'

const WORKERS = [
  [answersStream(0), evaluatorDurable(0)],
  [streams.evaluations, durables.scorer],
  [streams.scores, durables.leaderboard],
] as const

/** What a dead or frozen copy had not acknowledged comes again after this time instead of the declared one. */
export const shortenAckWait = async (stack: Stack, ms: number): Promise<void> => {
  const nc = await connectAsOperator(stack)
  const { consumers } = await jetstreamManager(nc)
  for (const [stream, durable] of WORKERS) await consumers.update(stream, durable, { ack_wait: nanos(ms) })
  await nc.close()
}

/** Deletes the consumers of all workers; a worker looks for its own until it is there again. */
export const deleteConsumers = async (stack: Stack): Promise<void> => {
  const nc = await connectAsOperator(stack)
  const { consumers } = await jetstreamManager(nc)
  for (const [stream, durable] of WORKERS) await consumers.delete(stream, durable)
  await nc.close()
}
