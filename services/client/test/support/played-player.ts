import type { Test } from 'tap'
import { eventually } from '../../../platform/test/support/eventually.ts'
import type { FetchLike, WebSocketConstructor } from '../../src/http.ts'
import { type ClientOptions, createClient, memoryStore, type PodiumProblem } from '../../src/index.ts'

const credentials = { sessionId: 's', playerId: 'p', token: 'secret', nickname: 'Mia' }
export const KEY = 'podium.answers.s.p'

interface Sent {
  readonly answerId: string
  readonly questionId: string
  readonly choice?: number
}

/** A network and a server behind it; both may be switched at any time. */
const playedServer = () => {
  const world = {
    isOnline: true,
    /** The reply to the next answers over HTTP: undefined is 202. */
    refusal: undefined as { code: string; status: number } | undefined,
    http: [] as (Sent & { traceparent?: string | undefined })[],
    sockets: [] as InstanceType<WebSocketConstructor>[],
    overSocket: [] as { type: string; ref: string; traceparent?: string; data: Sent }[],
  }
  const fetch: FetchLike = async (url, init) => {
    if (!world.isOnline) throw new TypeError('fetch failed')
    if (!url.endsWith('/answers')) return new Response('{}', { status: 200 })
    const sent: Sent = JSON.parse(init.body ?? '')
    world.http.push({ ...sent, traceparent: init.headers.traceparent })
    const { refusal } = world
    if (refusal !== undefined) return new Response(JSON.stringify(refusal), { status: refusal.status })
    return new Response(JSON.stringify({ answerId: sent.answerId, questionId: sent.questionId, receivedAt: 1 }), {
      status: 202,
    })
  }
  class Socket {
    onopen: (() => void) | null = null
    onmessage: ((event: { data: unknown }) => void) | null = null
    onerror: (() => void) | null = null
    onclose: ((event: { code: number; reason: string }) => void) | null = null
    constructor() {
      world.sockets.push(this as never)
      setTimeout(() => (world.isOnline ? this.onopen?.() : this.onerror?.()))
    }
    send(text: string) {
      const message = JSON.parse(text)
      if (message.type === 'answer') world.overSocket.push(message)
    }
    close() {}
  }
  const say = (message: object) => world.sockets.at(-1)?.onmessage?.({ data: JSON.stringify(message) } as never)
  return { world, fetch, say, WebSocket: Socket as unknown as WebSocketConstructor }
}

const snapshot = (more: object = {}) => ({
  type: 'session.snapshot',
  id: '1',
  data: {
    status: 'lobby',
    locked: false,
    leaderboard: { version: 0, playerCount: 1, top: [] },
    now: Date.now(),
    ...more,
  },
})

/** Apps of one player, each started by `start`, on a network that the test plays. */
export const playedPlayer = async (t: Test, store = memoryStore()) => {
  const server = playedServer()
  const start = async (options: Pick<ClientOptions, 'trace'> = {}) => {
    const { fetch, WebSocket } = server
    const client = createClient({
      baseUrl: 'http://edge',
      fetch,
      WebSocket,
      answerStore: store,
      random: () => 0,
      ...options,
    })
    const player = client.player(credentials, { backoff: { baseMs: 5, maxMs: 10 } })
    t.teardown(player.close)
    return player
  }
  const connect = async (player: Awaited<ReturnType<typeof start>>, more: object = {}) => {
    const count = server.world.sockets.length
    const connected = player.connect()
    await eventually(() => server.world.sockets.length > count)
    await new Promise((resolve) => setTimeout(resolve, 5))
    server.say(snapshot(more))
    await connected
  }
  return { ...server, store, start, connect }
}

export const codeOf = (promise: Promise<unknown>) => promise.then(String, (problem: PodiumProblem) => problem.code)
