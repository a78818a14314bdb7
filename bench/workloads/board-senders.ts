import type { ReadersOrder } from '../generators/readers.ts'
import type { BenchEdge } from '../lib/edge.ts'
import type { Child } from '../lib/processes.ts'
import { PATHS, type Protocol } from '../lib/streams.ts'
import type { AppOrder } from '../peers/classic/app.ts'
import type { Classic } from '../peers/classic/start.ts'

/** A server that sends to all its clients. */
export interface Sender {
  readonly name: string
  readonly pid: number
  /** Sends frames of so many bytes every so many milliseconds, or as the edge does it by itself. */
  start(everyMs: number, bytes: number): void
  stop(): void
}

const SOCKET_IO = '/socket.io/?EIO=4&transport=websocket'
export const FRAME_TYPE = 'leaderboard.updated'
/** Players whose score changes at once, and how often. */
const CHANGES = 20
const CHANGE_MS = 40

export const edgeSender = async (
  edge: BenchEdge,
  readers: Child,
  protocol: Protocol,
  players: number,
): Promise<Sender> => {
  const { session, board } = await edge.session()
  const path = `/v1/sessions/${session.sessionId}/${PATHS[protocol]}`
  const clients: { playerId: string; token: string }[] = []
  for (let index = 0; index < players; index++) {
    clients.push(await edge.player(session.sessionId, index + 1))
    board.set({ playerId: clients[index]?.playerId ?? '', joinOrder: index + 1 })
  }
  const streams = clients.map(({ token }) => ({ path, token }))
  const order: ReadersOrder = { kind: 'open', group: `edge ${protocol}`, port: edge.port, protocol, streams }
  await readers.ask(order, 120_000)
  const change = (): void => {
    const chosen = new Set(
      Array.from({ length: CHANGES }, () => clients[Math.floor(Math.random() * players)]?.playerId ?? ''),
    )
    board.set(
      ...[...chosen].map((playerId) => ({ playerId, score: Math.floor(Math.random() * 1e5), correctAnswers: 3 })),
    )
  }
  let timer: NodeJS.Timeout | undefined
  return {
    name: `edge ${protocol}`,
    pid: edge.pid,
    start: () => {
      timer = setInterval(change, CHANGE_MS)
    },
    stop: () => clearInterval(timer),
  }
}

export const rawSender = async (raw: Child, rawPort: number, readers: Child, protocol: Protocol, players: number) => {
  const streams = Array.from({ length: players }, () => ({ path: `/raw/${PATHS[protocol]}`, token: 'none' }))
  const order: ReadersOrder = { kind: 'open', group: `raw ${protocol}`, port: rawPort, protocol, streams }
  await readers.ask(order, 120_000)
  const sender: Sender = {
    name: `raw ${protocol}`,
    pid: raw.pid,
    start: (everyMs, bytes) => raw.tell({ protocol, everyMs, bytes }),
    stop: () => raw.tell({ protocol: 'none', everyMs: 0, bytes: 0 }),
  }
  return sender
}

export const peerSender = async (
  { app, port, createToken }: Classic,
  readers: Child,
  players: number,
): Promise<Sender> => {
  const hello = `40${JSON.stringify({ token: createToken({ sub: 'x', sid: 'x' }) })}`
  const streams = Array.from({ length: players }, () => ({ path: SOCKET_IO, token: 'none' }))
  const order: ReadersOrder = {
    kind: 'open',
    group: 'Socket.IO ws',
    port,
    protocol: 'ws',
    streams,
    says: { hello, alive: '3' },
  }
  await readers.ask(order, 120_000)
  const tell = (everyMs: number, bytes: number): void =>
    app.tell({ kind: 'broadcast', everyMs, bytes } satisfies AppOrder)
  return { name: 'Socket.IO ws', pid: app.pid, start: tell, stop: () => tell(0, 0) }
}
