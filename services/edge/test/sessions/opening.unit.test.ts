import t from 'tap'
import { openingOf } from '../../sessions/session-replica.ts'

const question = { questionId: 'q', opensAtMs: 1_000_000, closesAtMs: 1_020_000 }
const clocks = { now: 999_750, monotonic: 5_000 }

t.test('an announcement that is heard opens the question at the announced time', async (t) => {
  const heard = { ...question, opensInMs: 250, isLive: true }
  t.equal(openingOf(heard, undefined, clocks).opensAt, 5_249)
  t.equal(openingOf(heard, undefined, { ...clocks, now: 999_800 }).opensAt, 5_199, 'it was 50 ms under way')
  t.equal(openingOf(heard, undefined, { ...clocks, now: 0 }).opensAt, 5_250, 'a clock that is behind: after the lead')
  t.equal(openingOf(heard, undefined, { ...clocks, now: 9_000_000 }).opensAt, 5_000, 'one that is ahead: at once')
})

t.test('an announcement that is read later is translated by the wall clock', async (t) => {
  const read = { ...question, opensInMs: 250, isLive: false }
  t.equal(openingOf(read, undefined, clocks).opensAt, 5_249)
  t.equal(openingOf(read, undefined, { ...clocks, now: 1_003_000 }).opensAt, 1_999)
  t.equal(
    openingOf(read, undefined, { ...clocks, now: 0 }).opensAt,
    5_250,
    'no later than it could have been announced',
  )
  t.equal(openingOf(read, undefined, { ...clocks, now: 9_000_000 }).opensAt, -15_001, 'just over, and no earlier')
})

t.test('later messages about the same opening do not move it, another opening does', async (t) => {
  const known = { questionId: 'q', opensAtMs: 1_000_000, opensAt: 5_123 }
  const lock = { ...question, opensInMs: undefined, isLive: true }
  t.equal(openingOf(lock, known, clocks).opensAt, 5_123)
  const resumed = { ...question, opensAtMs: 1_010_000, opensInMs: 250, isLive: true }
  t.equal(openingOf(resumed, known, clocks).opensAt, 5_250, 'not 10 s away: an announcement is never that early')
})
