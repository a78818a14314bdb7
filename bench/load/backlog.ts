import { setTimeout as sleep } from 'node:timers/promises'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { durables, streams } from '#platform/contract/streams'
import { natsOptions } from '#platform/nats'
import type { Stack } from '../../deploy/local/stack.ts'

const HOPS = [
  [streams.answers, durables.evaluator],
  [streams.evaluations, durables.scorer],
  [streams.scores, durables.leaderboard],
] as const

/** What lies between the edge and the board. */
export interface Backlog {
  /** Resolves with the epoch milliseconds at which no worker had anything left to do. */
  empty(): Promise<number>
  close(): Promise<void>
}

export const openBacklog = async (stack: Stack): Promise<Backlog> => {
  const nats = await connect(natsOptions(stack.urls.nats, 'admin'))
  const manager = await jetstreamManager(nats)
  const left = async (): Promise<number> => {
    const infos = await Promise.all(HOPS.map(([stream, durable]) => manager.consumers.info(stream, durable)))
    return infos.reduce((sum, { num_pending, num_ack_pending }) => sum + num_pending + num_ack_pending, 0)
  }
  return {
    empty: async () => {
      for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
        // Twice, as something may be between two consumers.
        const at = Date.now()
        if ((await left()) === 0 && (await left()) === 0) return at
        await sleep(10)
      }
      throw new Error('the workers do not catch up')
    },
    close: () => nats.close(),
  }
}
