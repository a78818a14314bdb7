import t from 'tap'
import { createServerClock } from '../src/server-clock.ts'

const playedClock = () => {
  let local = 1_000_000
  const clock = createServerClock(() => local)
  return {
    clock,
    pass: (ms: number) => {
      local += ms
    },
    /** A question whose way takes `there` and `back` to a server that is `ahead`. */
    ask: (ahead: number, there: number, back: number) => {
      const sentAt = local
      local += there + back
      clock.sample(sentAt, sentAt + there + ahead, local)
    },
    offset: () => clock.now() - local,
  }
}

t.test('the sample with the shortest round trip counts, and is off by half of it at the most', async (t) => {
  const { clock, ask, offset } = playedClock()
  ask(5_000, 300, 10)
  t.equal(offset(), 5_145)
  ask(5_000, 12, 8)
  t.equal(offset(), 5_002)
  t.equal(clock.uncertaintyMs, 10)
  ask(5_000, 10, 900)
  t.equal(offset(), 5_002)
})

t.test('old samples are forgotten, as clocks drift', async (t) => {
  const { ask, offset } = playedClock()
  ask(5_000, 1, 1)
  for (let count = 0; count < 8; count++) ask(5_400, 20, 20)
  t.equal(offset(), 5_400)
})

t.test('without samples a snapshot is a first idea; with them it shows that the clock was set anew', async (t) => {
  const { clock, ask, pass, offset } = playedClock()
  t.equal(clock.uncertaintyMs, Infinity)
  clock.hint(clock.now() + 700)
  t.equal(offset(), 700)
  ask(750, 5, 5)
  clock.hint(clock.now() - 30)
  t.equal(offset(), 750, 'late is normal')
  pass(-3_600_000)
  clock.hint(clock.now() + 3_600_000)
  t.equal(offset(), 750 + 3_600_000, 'early is impossible')
})
