import fc from 'fast-check'
import t from 'tap'
import { createLogger } from '#platform/logger'
import { noTelemetry } from '#platform/telemetry'
import type { Totals } from '../../../game/scoring/totals.ts'
import { eventually } from '../../../platform/test/support/eventually.ts'
import type { BoardDelta } from '../../board/board-replica.ts'
import { createRoster } from '../../board/roster.ts'
import { type BoardOptions, createStreamClient, createStreamCounters, STREAM_LIMITS } from '../../streams/client.ts'
import { createBoardFanOut, createFanOutBudget, TOP } from '../../streams/fan-out.ts'
import { createWsEncoder } from '../../streams/frame.ts'
import { createAnswerLatency } from '../../streams/metrics.ts'

const logger = createLogger({ service: 'edge', instance: 'test', level: 'silent' })
const clock = { now: () => 0, monotonic: () => performance.now() }

const totals = (index: number, version: number, fields: Partial<Totals> = {}): Totals => ({
  playerId: `p${index}`,
  joinOrder: index,
  version,
  score: 0,
  correctAnswers: 0,
  correctMs: 0,
  streak: 0,
  answered: new Uint8Array(),
  removed: false,
  ...fields,
})

interface Message {
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever the edge sends; tests look into it
  readonly data: any
}

const HOST = { kind: 'user', userId: 'h', name: 'Host', roles: ['host'], expiresAt: 9_000_000_000 } as const

const namesOf = async (ids: readonly string[]) => new Map(ids.map((id) => [id, `name of ${id}`]))

const setUp = async (t: { teardown(end: () => void): void }, nicknames = namesOf) => {
  let tell: (delta: BoardDelta) => void = () => undefined
  let version = 0
  const entries = Array.from({ length: 15 }, (_, index) => totals(index, 0))
  const telemetry = noTelemetry()
  const roster = createRoster({
    sessionId: 's',
    source: { nicknames: (_, ids) => nicknames(ids) },
    clock,
    logger,
  })
  const fanOut = createBoardFanOut({
    sessionId: 's',
    source: {
      subscribe: (_, listener) => {
        tell = listener
        return () => undefined
      },
      snapshot: async () => ({ epoch: 1, version: 0, entries }),
    },
    roster,
    budget: createFanOutBudget(),
    hidden: () => undefined,
    status: () => 'question_open',
    playerIntervalMs: 250,
    latency: createAnswerLatency({ telemetry, clock, isHidden: () => false, isWatched: () => true }),
    clock,
    logger,
    metrics: telemetry.metrics,
    onTick: () => undefined,
    onChange: () => undefined,
  })
  t.teardown(() => {
    fanOut.close()
    roster.close()
  })
  await fanOut.replica.ready(1_000)
  fanOut.view.refresh()
  await fanOut.ensureNames()

  const connect = (player: number | undefined, board: BoardOptions) => {
    const messages: Message[] = []
    let room = Number.POSITIVE_INFINITY
    const principal = {
      kind: 'player',
      playerId: `p${player}`,
      sessionId: 's',
      joinOrder: player ?? 0,
      generation: 1,
      nickname: '',
      expiresAt: 9_000_000_000,
    } as const
    const client = createStreamClient({
      pipe: {
        heartbeat: undefined,
        write: (bytes) => {
          messages.push(JSON.parse(Buffer.from(bytes).toString()))
          room -= 1
          return room > 0
        },
        close: () => undefined,
      },
      encoder: createWsEncoder(),
      subscriber:
        player === undefined
          ? { sessionId: 's', player: undefined, principal: HOST, board }
          : { sessionId: 's', player: principal, principal, board },
      counters: createStreamCounters(),
      clock,
      limits: STREAM_LIMITS,
    })
    const { board: first } = fanOut.top()
    fanOut.hasTop(client)
    fanOut.add(client)
    /** The board as a client knows it after everything that it got. */
    const shown = () => {
      let top = first.top as readonly { playerId: string }[]
      let me: unknown
      for (const { type, data } of messages) {
        const known = new Map([...top, ...(data.changed ?? [])].map((entry) => [entry.playerId, entry]))
        top = type === 'leaderboard.updated' ? data.top : data.order.map((id: string) => known.get(id))
        me = data.me ?? me
      }
      return { top, me }
    }
    const stall = (isStalled: boolean) => {
      room = isStalled ? 0 : Number.POSITIVE_INFINITY
      if (!isStalled) client.flush()
    }
    return { client, messages, shown, stall }
  }

  return {
    fanOut,
    roster,
    connect,
    change: (changed: readonly Totals[]) => {
      tell({ epoch: 1, from: version, to: version + 1, entries: changed })
      version += 1
    },
  }
}

const full = { mode: 'full', intervalMs: undefined } as const

t.test(
  'differences fold into the same board as whole frames, also for a client that is behind now and then',
  async (t) => {
    const change = fc.record({ player: fc.nat(14), score: fc.nat(500), isStalled: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { maxLength: 4 }), { minLength: 1, maxLength: 12 }),
        async (rounds) => {
          const { fanOut, connect, change } = await setUp(t)
          const whole = connect(3, full)
          const folding = connect(3, { mode: 'changes', intervalMs: undefined })
          const slow = connect(3, { mode: 'changes', intervalMs: undefined })
          let version = 0
          for (const changes of rounds) {
            version += 1
            slow.stall(changes.some(({ isStalled }) => isStalled))
            const scores = new Map(changes.map(({ player, score }) => [player, score]))
            change([...scores].map(([player, score]) => totals(player, version, { score })))
            fanOut.poke(true)
            await eventually(() => fanOut.view.changes() > 0 && fanOut.replica.version() === 2 ** 32 + version)
            await new Promise((resolve) => setTimeout(resolve, 15))
          }
          slow.stall(false)
          const { top } = fanOut.view.top(TOP)
          const isDone = () => JSON.stringify(folding.shown().top) === JSON.stringify(top)
          await eventually(isDone)
          await eventually(() => JSON.stringify(whole.shown()) === JSON.stringify(folding.shown()))
          await eventually(() => JSON.stringify(slow.shown()) === JSON.stringify(folding.shown()))
          fanOut.close()
        },
      ),
      { numRuns: 15 },
    )
  },
)

t.test('a client whose top and own place stay the same gets nothing', async (t) => {
  const { fanOut, connect, change } = await setUp(t)
  change([totals(0, 1, { score: 900 }), ...Array.from({ length: 11 }, (_, n) => totals(n + 1, 1, { score: 800 - n }))])
  const [first, last, other, host] = [connect(0, full), connect(14, full), connect(13, full), connect(undefined, full)]
  await eventually(() => [first, last, other, host].every(({ messages }) => messages.length === 1))
  change([totals(14, 2, { score: 5 })])
  fanOut.poke(true)
  await eventually(() => last.messages.length === 2)
  t.match(last.messages[1], { data: { me: { rank: 13, score: 5 } } })
  await eventually(() => other.messages.length === 2)
  t.match(other.messages[1], { data: { me: { rank: 14, score: 0 } } }, 'the one before it was overtaken')
  change([totals(14, 3, { score: 6 })])
  fanOut.poke(true)
  await eventually(() => last.messages.length === 3)
  t.same(
    [first, other, host].map(({ messages }) => messages.length),
    [1, 2, 1],
  )
})

t.test('a client gets the board at its own pace, and with board=none not at all', async (t) => {
  const { connect, change } = await setUp(t)
  const player = connect(1, full)
  const host = connect(undefined, full)
  const rare = connect(2, { mode: 'full', intervalMs: 2_000 })
  const silent = connect(3, { mode: 'none', intervalMs: undefined })
  const startedAt = performance.now()
  let version = 0
  await eventually(
    () => {
      version += 1
      change([totals(0, version, { score: version })])
      return player.messages.length >= 4
    },
    { intervalMs: 10 },
  )
  const elapsed = performance.now() - startedAt
  t.ok(player.messages.length <= 2 + elapsed / 250, `${player.messages.length} in ${elapsed} ms`)
  t.ok(host.messages.length > player.messages.length)
  t.ok(rare.messages.length <= 2 + elapsed / 2_000)
  t.equal(silent.messages.length, 0)
})

t.test('when a question closes the board is sent without regard to the interval', async (t) => {
  const { fanOut, connect, change } = await setUp(t)
  const player = connect(1, { mode: 'full', intervalMs: 5_000 })
  change([totals(0, 1, { score: 1 })])
  await eventually(() => player.messages.length === 1)
  change([totals(0, 2, { score: 2 })])
  fanOut.poke(true)
  await eventually(() => player.messages.length === 2, { timeoutMs: 3_000 })
})

t.test('a board without names is sent again with them, also when another lane had them first', async (t) => {
  const { fanOut, roster, connect, change } = await setUp(t, async () => {
    throw new Error('no names')
  })
  const clients = [connect(1, full), connect(undefined, full)]
  change([totals(0, 1, { score: 1 })])
  await eventually(() => clients.every(({ messages }) => messages.length > 0))
  for (let index = 0; index < 15; index++) roster.learn(`p${index}`, `name of p${index}`)
  fanOut.top() // as for the snapshot of a new client
  const named = ({ messages }: (typeof clients)[number]) => messages.at(-1)?.data.top[0].nickname === 'name of p0'
  await eventually(() => clients.every(named))
})

t.test('a board that waits for a slow client does not come after a newer snapshot', async (t) => {
  const { fanOut, connect, change } = await setUp(t)
  const slow = connect(3, full)
  const other = connect(4, full)
  slow.stall(true)
  change([totals(0, 1, { score: 1 })])
  await eventually(() => slow.messages.length === 1 && other.messages.length === 1)
  change([totals(0, 2, { score: 2 })])
  fanOut.poke(true)
  await eventually(() => other.messages.length === 2)
  fanOut.hasTop(slow.client)
  slow.stall(false)
  t.equal(slow.messages.length, 1, 'what waited is in the snapshot')
  change([totals(0, 3, { score: 3 })])
  fanOut.poke(true)
  await eventually(() => slow.messages.length === 2)
})
