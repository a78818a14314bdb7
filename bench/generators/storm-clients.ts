import { createClient } from '#client'
import { joinAsSimulatedPlayer, type SimulatedPlayer } from '../../services/client/testing/simulated-player.ts'
import { forEachOf, serveParent } from '../lib/processes.ts'

/** One process of simulated players with the client library; takes a task, later the word `report`. */

export interface StormTask {
  readonly baseUrl: string
  readonly sessionId: string
  readonly clients: number
  readonly transport: 'ws' | 'sse'
}

export interface StormReport {
  readonly clients: readonly {
    /** Ids in the order shown; those of snapshots below zero. */
    readonly log: readonly number[]
    /** When and how the stream was resumed after it was lost; wall clock, as the processes share a machine. */
    readonly back: { readonly at: number; readonly how: 'resumed' | 'snapshot' } | undefined
    readonly isDown: boolean
  }[]
  readonly cpuSeconds: number
  readonly megabytes: number
}

interface Watched {
  readonly player: SimulatedPlayer
  readonly log: number[]
  back: StormReport['clients'][number]['back']
}

const watched: Watched[] = []
let before = process.cpuUsage()

const enter = async ({ baseUrl, sessionId, clients, transport }: StormTask): Promise<void> => {
  const client = createClient({ baseUrl })
  await forEachOf([...Array(clients).keys()], 20, async (index) => {
    const log: number[] = []
    const nickname = `P${process.pid}-${index}`
    const player = await joinAsSimulatedPlayer({ client, session: sessionId, nickname, stream: { transport } })
    const entry: Watched = { player, log, back: undefined }
    player.device.on('*', ({ type, id }) => {
      const isSnapshot = type === 'session.snapshot'
      if (player.reconnects > 0 && (isSnapshot || type === 'stream.resumed')) {
        entry.back ??= { at: Date.now(), how: isSnapshot ? 'snapshot' : 'resumed' }
      }
      if (id !== undefined) log.push(isSnapshot ? -Number(id) : Number(id))
    })
    await player.connect()
    watched.push(entry)
  })
}

const report = (): StormReport => {
  const { user, system } = process.cpuUsage(before)
  return {
    clients: watched.map(({ player, log, back }) => ({ log, back, isDown: player.device.status !== 'open' })),
    cpuSeconds: (user + system) / 1e6,
    megabytes: Math.round(process.memoryUsage.rss() / 1e6),
  }
}

serveParent(async (message: StormTask | 'report'): Promise<StormReport | undefined> => {
  if (message === 'report') return report()
  await enter(message)
  before = process.cpuUsage()
  return undefined
})
