import t from 'tap'
import { type Pattern, randomFrom, sendingTimes } from '../generators/schedule.ts'

t.test('when answers are sent', async (t) => {
  const times = (pattern: Pattern, count = 20_000) => sendingTimes(count, pattern, randomFrom(7))

  await t.test('independently of each other, at the mean rate', async (t) => {
    const at = times({ kind: 'poisson', perSecond: 5_000 })
    t.ok(
      at.every((time, index) => time >= (at[index - 1] ?? 0)),
      'ascending',
    )
    const seconds = (at.at(-1) ?? 0) / 1_000
    t.ok(seconds > 3.8 && seconds < 4.2, `${seconds} s for 20,000 at 5,000/s`)
    const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0))
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length)
    t.ok(Math.abs(deviation / mean - 1) < 0.1, 'gaps are as different as chance makes them')
  })

  await t.test('four fifths within two seconds when all come at once', async (t) => {
    const at = times({ kind: 'thundering' })
    const early = at.filter((time) => time <= 2_000).length / at.length
    t.ok(early > 0.79 && early < 0.81, `${early} early`)
    t.ok((at.at(-1) ?? 0) <= 8_000)
  })

  await t.test('at equal distances, or all at once', async (t) => {
    t.same([...times({ kind: 'even', withinMs: 8 }, 4)], [1, 3, 5, 7])
    t.same([...times({ kind: 'even', withinMs: 0 }, 2)], [0, 0])
  })

  await t.test('the same for the same seed', async (t) => {
    t.same(times({ kind: 'thundering' }, 100), times({ kind: 'thundering' }, 100))
  })
})
