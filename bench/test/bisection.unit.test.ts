import t from 'tap'
import { type BisectionOptions, createBisection } from '../lib/bisection.ts'

const OPTIONS: BisectionOptions = { from: 4_000, most: 19_000, step: 100, resolution: 500 }

/** Levels that were measured, when all up to `limit` pass. */
const search = (limit: number, options = OPTIONS) => {
  const bisection = createBisection(options)
  const levels: number[] = []
  for (let level = bisection.next(); level !== undefined && levels.length < 50; level = bisection.next()) {
    levels.push(level)
    bisection.record(level, level <= limit)
  }
  return { best: bisection.best, levels }
}

t.test('the highest level that passes is found, within the resolution', async (t) => {
  for (const limit of [4_100, 5_000, 9_499, 13_000, 18_250]) {
    const { best, levels } = search(limit)
    t.ok(best <= limit && limit - best <= 500, `${best} for ${limit}`)
    t.ok(
      levels.every((level) => level % 100 === 0 && level <= 19_000),
      'in whole sessions, not beyond the most',
    )
    t.ok(levels.length <= 16, `${levels.length} measurements`)
  }
})

t.test('where the first level fails, lower ones are measured', async (t) => {
  const { best } = search(1_200)
  t.ok(best <= 1_200 && best >= 700)
  t.equal(search(0).best, 0, 'and none may pass')
})

t.test('where everything passes, it ends at the most', async (t) => {
  t.equal(search(Number.POSITIVE_INFINITY).best, 19_000)
})

t.test('a level that failed once is measured again', async (t) => {
  const bisection = createBisection(OPTIONS)
  bisection.record(4_000, false)
  t.equal(bisection.next(), 4_000)
  bisection.record(4_000, true)
  t.equal(bisection.best, 4_000)
  t.equal(bisection.next(), 6_000)
})
