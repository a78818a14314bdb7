import fc from 'fast-check'
import t from 'tap'
import { newId } from '#platform/ids'
import { joinOrderOf, playerIdOf, ranked, unpackScore } from '../../game/scoring/board-order.ts'
import { newestOf, type Totals } from '../../game/scoring/totals.ts'
import { createBoards, keyOf } from './support/redis-boards.ts'
import { totalsWith } from './support/totals.ts'

const byPlayer = (totals: readonly Totals[]): readonly Totals[] =>
  totals.toSorted((a, b) => (a.playerId < b.playerId ? -1 : 1))

t.test('a change raises the version, a repetition does not, and an older version changes nothing', async (t) => {
  const { boards, sessionId } = await createBoards(t)
  t.same(await boards.rebuild(sessionId, 4, []), { epoch: 4, version: 1 })
  const [ada, bob] = [totalsWith({ version: 2 }), totalsWith({ version: 1 })]
  t.same(await boards.apply(sessionId, [ada, bob]), { epoch: 4, from: 1, to: 2, changed: [ada, bob] })
  t.same(await boards.apply(sessionId, [ada, bob]), { epoch: 4, from: 2, to: 2, changed: [] })
  const newer = { ...bob, version: 2, score: 3_000 }
  const older = { ...ada, version: 1, score: 9_000 }
  t.same(await boards.apply(sessionId, [older, newer]), { epoch: 4, from: 2, to: 3, changed: [newer] })
  t.match(await boards.read(sessionId), { epoch: 4, version: 3, totals: { length: 2 } })
  t.same(await boards.check([sessionId]), [{ epoch: 4, version: 3 }])
})

t.test('everything about a player comes back from the board', async (t) => {
  const { boards, sessionId } = await createBoards(t)
  await boards.rebuild(sessionId, 1, [])
  const totals = [
    totalsWith({ version: 3, joinOrder: 70_000, streak: 2, answered: Uint8Array.of(255, 0, 129) }),
    totalsWith({ version: 0, score: 0, correctAnswers: 0, correctMs: 0, streak: 0, answered: new Uint8Array() }),
    totalsWith({ score: 2 ** 26 - 1, correctMs: 2 ** 27 - 1 }),
  ]
  await boards.apply(sessionId, totals)
  const content = await boards.read(sessionId)
  t.same(content === 'lost' ? [] : byPlayer(content.totals), byPlayer(totals))
})

t.test('a removed player vanishes and stays away, whatever arrives later', async (t) => {
  const { boards, redis, sessionId } = await createBoards(t)
  const [ada, bob] = [totalsWith({ version: 1 }), totalsWith({ version: 1 })]
  await boards.rebuild(sessionId, 1, [ada, bob])
  const removal = { ...ada, version: 0, removed: true }
  t.match(await boards.apply(sessionId, [removal]), { from: 1, to: 2, changed: [{ removed: true }] })
  t.match(await boards.apply(sessionId, [{ ...ada, version: 99 }]), { from: 2, to: 2, changed: [] })
  t.match(await boards.apply(sessionId, [removal]), { from: 2, to: 2, changed: [] })
  t.match(await boards.read(sessionId), { totals: [{ playerId: bob.playerId }] })
  t.equal(await redis.zcard(keyOf(sessionId, 'board')), 1)
  await redis.flushall()
  await boards.rebuild(sessionId, 2, [removal, bob])
  t.match(await boards.apply(sessionId, [{ ...ada, version: 99 }]), { changed: [] }, 'also after a rebuild')
})

t.test('the order in Redis is the order of the totals, with many ties', async (t) => {
  const { boards, redis } = await createBoards(t)
  const players = fc
    .array(
      fc.record({
        score: fc.constantFrom(0, 1_000, 2_000, 2 ** 26 - 1),
        correctMs: fc.constantFrom(0, 1, 7_000, 2 ** 27 - 1),
      }),
      { minLength: 1, maxLength: 30 },
    )
    .chain((given) => fc.shuffledSubarray(given, { minLength: given.length }))
  await fc.assert(
    fc.asyncProperty(players, async (given) => {
      const sessionId = newId()
      const totals = given.map((changes, index) => totalsWith({ ...changes, joinOrder: index * 37 + 1 }))
      await boards.rebuild(sessionId, 1, [])
      await boards.apply(sessionId, totals.toReversed())
      const flat = await redis.zrevrange(keyOf(sessionId, 'board'), 0, -1, 'WITHSCORES')
      const inRedis = flat.flatMap((member, index) =>
        index % 2 === 1
          ? []
          : [{ playerId: playerIdOf(member), joinOrder: joinOrderOf(member), ...unpackScore(Number(flat[index + 1])) }],
      )
      const inOrder = ranked(totals).map(({ playerId, joinOrder, score, correctMs }) => ({
        playerId,
        joinOrder,
        score,
        correctMs,
      }))
      t.same(inRedis, inOrder)
    }),
    { numRuns: 30 },
  )
})

t.test('any order, repetition and cutting of the same totals ends with the same board', async (t) => {
  const { boards } = await createBoards(t)
  const history = Array.from({ length: 5 }, newId).flatMap((playerId, player) =>
    [0, 1, 2].map((version) => totalsWith({ playerId, joinOrder: player + 1, version, score: version * 500 })),
  )
  const removal = totalsWith({ playerId: history[0]?.playerId ?? '', version: 0, removed: true })
  const all = [...history, removal, ...history]
  const deliveries = fc.tuple(fc.shuffledSubarray(all, { minLength: all.length }), fc.integer({ min: 1, max: 9 }))
  await fc.assert(
    fc.asyncProperty(deliveries, async ([order, size]) => {
      const sessionId = newId()
      await boards.rebuild(sessionId, 1, [])
      let version = 1
      for (let start = 0; start < order.length; start += size) {
        const applied = await boards.apply(sessionId, newestOf(order.slice(start, start + size)))
        if (applied === 'lost') throw new Error('the board is lost')
        t.equal(applied.from, version)
        t.equal(applied.to, version + (applied.changed.length > 0 ? 1 : 0))
        version = applied.to
      }
      const content = await boards.read(sessionId)
      const expected = newestOf(order).filter(({ removed }) => !removed)
      t.same(content === 'lost' ? [] : byPlayer(content.totals), byPlayer(expected))
    }),
    { numRuns: 30 },
  )
})

t.test('a thousand players in one call', async (t) => {
  const { boards, sessionId } = await createBoards(t)
  await boards.rebuild(sessionId, 1, [])
  const totals = Array.from({ length: 1_000 }, (_, index) => totalsWith({ joinOrder: index + 1 }))
  t.match(await boards.apply(sessionId, totals), { from: 1, to: 2, changed: { length: 1_000 } })
})
