import { serveParent } from '../lib/child.ts'
import { openHttpLanes } from './http-lanes.ts'
import type { Order, PlayWave, Prepare, WaveReport } from './messages.ts'
import { openSockets } from './sockets.ts'
import { playWave, type Wave } from './wave.ts'

/**
 * The process that plays the players: told over IPC whom to play and when to play a wave. One process only, so that its
 * share of the machine is known and small.
 */
const prepare = async ({ port, connections, players }: Prepare) => {
  let wave: Wave | undefined
  const lanes = await openHttpLanes({
    port,
    connections,
    onResponse: (id, status, body) => {
      if (status === 202) wave?.accepted(id)
      else wave?.refused(id, reasonOf(status, body))
    },
  })
  const sockets = await openSockets(players, port, {
    accepted: (id) => wave?.accepted(id),
    refused: (id, reason) => wave?.refused(id, reason),
    ownScore: (id) => wave?.ownScore(id),
    visible: (id) => wave?.visible(id),
  })
  const send = (id: number, bytes: Buffer): void => {
    if (players[id]?.hasSocket === true) sockets.sendAnswer(id, bytes)
    else lanes.send(id, bytes)
  }
  return (order: PlayWave): Promise<WaveReport> => {
    wave = playWave(players, order, send)
    return wave.done
  }
}

const reasonOf = (status: number, body: string): string => /"code":"([^"]*)"/.exec(body)?.[1] ?? String(status)

let play: Awaited<ReturnType<typeof prepare>> | undefined
serveParent<Order>(async (order) => {
  if (order.type === 'wave') return play?.(order)
  play = await prepare(order)
  return undefined
})
