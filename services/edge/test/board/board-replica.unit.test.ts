import { deepStrictEqual } from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { createLogger } from '#platform/logger'
import type { Totals } from '../../../game/scoring/totals.ts'
import type { BoardDelta, BoardSnapshot } from '../../board/board-replica.ts'
import { type BoardReplica, createBoardReplica } from '../../board/board-replica.ts'

const logger = createLogger({ service: 'edge', instance: 'test', level: 'silent' })

const totals = (playerId: string, version: number, score: number): Totals => ({
  playerId,
  joinOrder: Number(playerId.slice(1)),
  version,
  score,
  correctAnswers: 0,
  correctMs: 0,
  streak: 0,
  answered: new Uint8Array(),
  removed: false,
})

/** A leaderboard service in memory; snapshots are answered when the test says so. */
const createSource = () => {
  const players = new Map<string, Totals>()
  const requests: { resolve(snapshot: BoardSnapshot): void; reject(error: Error): void }[] = []
  let listener: ((delta: BoardDelta) => void) | undefined
  let epoch = 1
  let version = 0
  return {
    requests,
    change: (playerId: string, isDelivered = true): void => {
      const known = players.get(playerId)
      const next = totals(playerId, (known?.version ?? 0) + 1, (known?.score ?? 0) + 10)
      players.set(playerId, next)
      version += 1
      if (isDelivered) listener?.({ epoch, from: version - 1, to: version, entries: [next] })
    },
    announce: () => listener?.({ epoch, from: version, to: version, entries: [] }),
    rebuild: () => {
      epoch += 1
      version = 0
    },
    snapshot: (): BoardSnapshot => ({ epoch, version, entries: [...players.values()] }),
    answer: async (snapshot?: BoardSnapshot) => {
      const now = snapshot ?? { epoch, version, entries: [...players.values()] }
      requests.shift()?.resolve(now)
      await nextTurn()
    },
    scores: () => [...players.values()].map(({ playerId, score }) => [playerId, score]).sort(),
    port: {
      subscribe: (_: string, onDelta: (delta: BoardDelta) => void) => {
        listener = onDelta
        return () => {
          listener = undefined
        }
      },
      snapshot: () => new Promise<BoardSnapshot>((resolve, reject) => requests.push({ resolve, reject })),
    },
  }
}

const shown = ({ board }: BoardReplica) => {
  board.refresh()
  return board
    .top(Number.MAX_SAFE_INTEGER)
    .map(({ playerId, score }) => [playerId, score])
    .sort()
}

const setUp = (t: { teardown(fn: () => void): void }) => {
  const source = createSource()
  const replica = createBoardReplica({ sessionId: 's', source: source.port, logger, onChange: () => undefined })
  t.teardown(replica.close)
  return { source, replica }
}

t.test('nothing is known before the first snapshot; deltas that come meanwhile are not lost', async (t) => {
  const { source, replica } = setUp(t)
  source.change('p1')
  const old = source.snapshot()
  source.change('p1')
  source.change('p2')
  t.equal(replica.version(), undefined)
  t.equal(source.requests.length, 1)
  await source.answer(old)
  t.equal(replica.version(), 2 ** 32 + 3)
  t.same(shown(replica), source.scores())
  t.equal(source.requests.length, 0)
  t.equal(await replica.ready(0), true)
})

t.test('a gap asks for one snapshot, however many deltas follow it', async (t) => {
  const { source, replica } = setUp(t)
  await source.answer()
  source.change('p1', false)
  for (let count = 0; count < 5; count++) source.change('p2')
  t.equal(source.requests.length, 1)
  await source.answer()
  t.same(shown(replica), source.scores())
  t.equal(source.requests.length, 0)
})

t.test('a snapshot older than the buffered deltas need asks for another one', async (t) => {
  const { source, replica } = setUp(t)
  const stale = source.snapshot()
  source.change('p1', false)
  source.change('p2')
  await source.answer(stale)
  t.ok(await until(() => source.requests.length === 1), 'after a pause')
  await source.answer()
  t.same(shown(replica), source.scores())
})

t.test('while a snapshot is under way, deltas that fit are shown at once', async (t) => {
  const { source, replica } = setUp(t)
  await source.answer()
  replica.resync()
  source.change('p1')
  t.same(shown(replica), [['p1', 10]])
  await source.answer(source.snapshot())
  t.same(shown(replica), [['p1', 10]])
})

t.test('a failed snapshot is asked for again', async (t) => {
  const { source, replica } = setUp(t)
  source.requests.shift()?.reject(new Error('unavailable'))
  t.equal(await replica.ready(1), false)
  t.ok(await until(() => source.requests.length === 1))
  await source.answer()
  t.equal(await replica.ready(0), true)
})

t.test('fresh waits for a snapshot that was asked for after the call', async (t) => {
  const { source, replica } = setUp(t)
  let isFresh = false
  const fresh = replica.fresh(5_000).then((result) => {
    isFresh = result
  })
  await source.answer()
  t.equal(isFresh, false, 'the one under way may be older')
  await source.answer()
  await fresh
  t.equal(isFresh, true)
  t.equal(await replica.fresh(1), false)
})

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant('change' as const), player: fc.nat(3), isLost: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('rebuild' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('answer' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('announce' as const) }) },
  ),
  { maxLength: 30 },
)

t.test('whatever is lost or rebuilt, the next delta that arrives and its snapshots make the board whole', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const source = createSource()
      const replica = createBoardReplica({ sessionId: 's', source: source.port, logger, onChange: () => undefined })
      for (const step of script) {
        if (step.do === 'change') source.change(`p${step.player}`, !step.isLost)
        else if (step.do === 'rebuild') source.rebuild()
        else if (step.do === 'announce') source.announce()
        else await source.answer()
      }
      source.announce()
      const isWhole = () => JSON.stringify(shown(replica)) === JSON.stringify(source.scores())
      await until(async () => {
        await source.answer()
        return isWhole()
      })
      deepStrictEqual(shown(replica), source.scores())
      replica.close()
    }),
    { numRuns: 150 },
  )
})

const until = async (check: () => boolean | Promise<boolean>): Promise<boolean> => {
  const deadline = performance.now() + 3_000
  while (performance.now() < deadline) {
    if (await check()) return true
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return false
}
