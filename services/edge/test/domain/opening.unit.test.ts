import t from 'tap'
import { openingOf } from '../../src/domain/opening.ts'

const question = { questionId: 'q', opensAtMs: 1_000_000, closesAtMs: 1_020_000 }
const clocks = { now: 999_750, monotonic: 5_000 }

t.test('an announcement that is heard counts from now, whatever the wall clock says', async (t) => {
  for (const now of [0, 999_750, 2_000_000]) {
    const { opensAt } = openingOf({ ...question, opensInMs: 250, isLive: true }, undefined, { ...clocks, now })
    t.equal(opensAt, 5_250)
  }
})

t.test('an announcement that is read later is translated by the wall clock', async (t) => {
  const read = { ...question, opensInMs: 250, isLive: false }
  t.equal(openingOf(read, undefined, clocks).opensAt, 5_250)
  t.equal(openingOf(read, undefined, { ...clocks, now: 1_003_000 }).opensAt, 2_000)
  t.equal(
    openingOf(read, undefined, { ...clocks, now: 0 }).opensAt,
    5_250,
    'no later than it could have been announced',
  )
  t.equal(
    openingOf(read, undefined, { ...clocks, now: 9_000_000 }).opensAt,
    -15_000,
    'no earlier than its time limit ago',
  )
})

t.test('later messages about the same opening do not move it, another opening does', async (t) => {
  const known = { questionId: 'q', opensAtMs: 1_000_000, opensAt: 5_123 }
  const lock = { ...question, opensInMs: undefined, isLive: true }
  t.equal(openingOf(lock, known, clocks).opensAt, 5_123)
  const resumed = { ...question, opensAtMs: 1_010_000, opensInMs: 250, isLive: true }
  t.equal(openingOf(resumed, known, clocks).opensAt, 5_250)
})
