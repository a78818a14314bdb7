import { create } from '@bufbuild/protobuf'
import t from 'tap'
import { SessionStateSchema } from '#gen/feed_pb'
import type { Totals } from '../../../game/scoring/totals.ts'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createAudience } from '../../streams/audience.ts'
import { createStreamClient, createStreamCounters, STREAM_LIMITS } from '../../streams/client.ts'
import { createFanOutBudget } from '../../streams/fan-out.ts'
import { createFrame, createWsEncoder } from '../../streams/frame.ts'
import { createProgressUpdates, PROGRESS_MS } from '../../streams/progress.ts'

const FIRST = new Uint8Array([1])
const EXPIRY = { expiresAt: 9_000_000_000 }
const DISPLAY = { kind: 'display', displayId: 'd', sessionId: 's', ...EXPIRY } as const
const PLAYER = { kind: 'player', playerId: 'p', sessionId: 's', nickname: 'Ada', ...EXPIRY } as const

interface Progress {
  readonly questionId: string
  readonly answered: number
  readonly players: number
}

const setUp = (t: { teardown(end: () => void): void }, playerCount = 3) => {
  const totals = new Map<string, Totals>()
  const set = (index: number, answered: Uint8Array) =>
    totals.set(`p${index}`, {
      playerId: `p${index}`,
      joinOrder: index,
      version: 0,
      score: 0,
      correctAnswers: 0,
      correctMs: 0,
      streak: 0,
      answered,
      removed: false,
    })
  for (let index = 0; index < playerCount; index++) set(index, new Uint8Array())
  let state = create(SessionStateSchema, { status: 'question_open', question: { questionId: 'q0', index: 0 } })
  const left = new Set<string>()
  const audience = createAudience()
  const progress = createProgressUpdates({
    audience,
    budget: createFanOutBudget(),
    session: () => ({ state, hasLeft: (playerId) => left.has(playerId) }),
    totals: () => totals.values(),
  })
  t.teardown(progress.close)

  const connect = (isPlayer = false) => {
    const messages: Progress[] = []
    let isStalled = false
    const player = isPlayer ? { ...PLAYER, joinOrder: 1, generation: 1 } : undefined
    const client = createStreamClient({
      pipe: {
        heartbeat: undefined,
        write: (bytes) => {
          const { type, data } = JSON.parse(Buffer.from(bytes).toString())
          if (type === 'answers.progress') messages.push(data)
          return !isStalled
        },
        close: () => undefined,
      },
      encoder: createWsEncoder(),
      subscriber: {
        sessionId: 's',
        player,
        principal: player ?? DISPLAY,
        board: { mode: 'none', intervalMs: undefined },
      },
      counters: createStreamCounters(),
      clock: { now: () => 0, monotonic: () => 0 },
      limits: STREAM_LIMITS,
    })
    audience.add(client)
    const stall = (isFrom: boolean) => {
      isStalled = isFrom
      if (isFrom) client.send(createFrame('time', { now: 0 }))
      else client.flush()
    }
    return { client, messages, stall }
  }

  return {
    progress,
    connect,
    left,
    change: (change: Parameters<typeof create<typeof SessionStateSchema>>[1]) => {
      state = create(SessionStateSchema, change)
      progress.poke()
    },
    answer: (index: number) => {
      set(index, FIRST)
      progress.poke()
    },
  }
}

t.test('every client receives the count of answers and of players who have answered or still can', async (t) => {
  const { progress, connect, left, answer } = setUp(t)
  const clients = [connect(), connect(true)]
  progress.poke()
  answer(1)
  await eventually(() => clients.every(({ messages }) => messages.length === 1))
  for (const { messages } of clients) t.same(messages, [{ questionId: 'q0', answered: 1, players: 3 }])
  left.add('p1').add('p2')
  answer(0)
  await eventually(() => clients.every(({ messages }) => messages.length === 2))
  for (const { messages } of clients) t.same(messages[1], { questionId: 'q0', answered: 2, players: 2 })
})

t.test('a burst of answers makes few messages, fewer to players', async (t) => {
  const count = 300
  const { connect, answer } = setUp(t, count)
  const [display, player] = [connect(), connect(true)]
  const startedAt = performance.now()
  let answered = 0
  await eventually(
    () => {
      if (answered < count) answer(answered++)
      return display.messages.at(-1)?.answered === count && player.messages.at(-1)?.answered === count
    },
    { intervalMs: 3 },
  )
  const elapsed = performance.now() - startedAt
  t.ok(display.messages.length <= 2 + elapsed / PROGRESS_MS.watchers, `${display.messages.length} in ${elapsed} ms`)
  t.ok(player.messages.length <= 2 + elapsed / PROGRESS_MS.players, `${player.messages.length} in ${elapsed} ms`)
})

t.test('a client that connects before the close receives the count, and none does later', async (t) => {
  const { progress, connect, answer, change } = setUp(t)
  const first = connect()
  const slow = connect()
  slow.stall(true)
  answer(0)
  await eventually(() => first.messages.length === 1)
  const late = connect()
  progress.sendTo(late.client)
  t.same(late.messages, first.messages)

  change({ status: 'question_closed' })
  progress.forget()
  slow.stall(false)
  const after = connect()
  progress.sendTo(after.client)
  t.same([slow.messages, after.messages], [[], []])

  change({ status: 'question_open', question: { questionId: 'q1', index: 1 } })
  progress.sendTo(after.client)
  t.same(after.messages, [], 'what is known is about another question')
})
