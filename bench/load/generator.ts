import { openHttpLanes } from './http-lanes.ts'
import type { Order, Prepare, Report } from './messages.ts'
import { openSockets } from './sockets.ts'
import { playWave, type Wave } from './wave.ts'

/**
 * The process that plays the players: told over IPC whom to play and when to play a wave. One process only, so that its
 * share of the machine is known and small.
 */
const say = (report: Report): void => void process.send?.(report)

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
  return async (order: Extract<Order, { type: 'wave' }>): Promise<void> => {
    wave = playWave(players, order, send)
    say(await wave.done)
  }
}

const reasonOf = (status: number, body: string): string => /"code":"([^"]*)"/.exec(body)?.[1] ?? String(status)

let play: Awaited<ReturnType<typeof prepare>> | undefined
process.on('message', async (order: Order) => {
  if (order.type === 'wave') {
    await play?.(order)
  } else {
    play = await prepare(order)
    say({ type: 'ready' })
  }
})
process.on('disconnect', () => process.exit(0))
