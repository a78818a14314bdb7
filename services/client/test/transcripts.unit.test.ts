import { readdirSync, readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { eventually } from '../../platform/test/support/eventually.ts'
import { createClient, type Player } from '../src/index.ts'

/** The recorded sessions of docs/protocol.md, whose format is described there. */
const FOLDER = new URL('../../../proto/transcripts/', import.meta.url)

type Line = Readonly<Record<string, never>>

interface Sent {
  readonly type: string
  readonly ref?: string
  readonly data: { readonly answerId: string }
}

/** A WebSocket whose other end is the transcript. */
class Socket {
  static opened: Socket[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onerror: (() => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null
  readonly sent: Sent[] = []
  constructor() {
    Socket.opened.push(this)
    queueMicrotask(() => this.onopen?.())
  }
  send(text: string): void {
    const message = JSON.parse(text)
    // Not in the transcripts: a client asks for the time when it likes.
    if (message.type !== 'time') this.sent.push(message)
  }
  close(): void {}
}

const shown = ({ board }: Player) => ({
  status: board.status,
  locked: board.locked,
  question: board.question?.questionId ?? null,
  closesAt: board.question?.closesAt ?? null,
  reveal: board.reveal?.questionId ?? null,
  version: board.version,
  playerCount: board.playerCount,
  top: board.top.map(({ nickname, score }) => [nickname, score]),
  me: board.me ?? null,
  answered: board.answered,
})

const replay = async (t: Test, lines: readonly Line[]): Promise<void> => {
  Socket.opened = []
  const client = createClient({ baseUrl: 'http://edge.test', WebSocket: Socket as never, random: () => 0 })
  const player = client.player(
    { sessionId: 's', playerId: 'p', token: 't', nickname: 'Grace' },
    { backoff: { baseMs: 1, maxMs: 1 } },
  )
  t.teardown(() => player.close())
  let connections = 0
  let reply = { ref: '', answerId: '' }
  const socket = () => Socket.opened[connections - 1]
  const steps: Readonly<Record<string, (value: never) => Promise<void> | void>> = {
    connect: async () => {
      connections += 1
      if (connections === 1) void player.connect().catch(() => undefined)
      await eventually(() => Socket.opened.length === connections, { what: `connection ${connections}` })
      await eventually(() => socket()?.onmessage, { what: 'the client listens' })
      await new Promise((resolve) => setImmediate(resolve))
    },
    server: (message: object) => {
      const text = JSON.stringify(message).replaceAll('<ref>', reply.ref).replaceAll('<answerId>', reply.answerId)
      socket()?.onmessage?.({ data: text })
    },
    do: ({ answer: { questionId, ...content } }: { answer: { questionId: string; choice: number } }) => {
      player.answer(questionId, content, { via: 'ws' }).catch(t.fail)
    },
    client: async (expected: Record<string, object>) => {
      const sent = await eventually(() => socket()?.sent.shift(), { what: JSON.stringify(expected) })
      if (sent.ref !== undefined) reply = { ref: sent.ref, answerId: sent.data.answerId }
      const text = JSON.stringify(expected).replaceAll('<ref>', reply.ref).replaceAll('<answerId>', reply.answerId)
      const wanted = JSON.parse(text)
      if (wanted.data.lastEventId !== undefined) wanted.data.lastEventId = String(wanted.data.lastEventId)
      t.match(sent, wanted)
    },
    show: async (expected: object) => {
      await new Promise((resolve) => setImmediate(resolve))
      t.match(shown(player), expected)
    },
    close: ({ code, reason = '' }: { code: number; reason?: string }) => socket()?.onclose?.({ code, reason }),
    ended: async (code: string) => {
      t.equal((await player.ended)?.code, code)
    },
  }
  for (const line of lines) {
    for (const [step, value] of Object.entries(line)) await steps[step]?.(value)
  }
  t.equal(Socket.opened.length, connections, 'no connection that the transcript does not have')
}

for (const file of readdirSync(FOLDER)) {
  t.test(file, async (t) => {
    const lines = readFileSync(new URL(file, FOLDER), 'utf8').trim().split('\n')
    await replay(
      t,
      lines.map((line) => JSON.parse(line)),
    )
  })
}
