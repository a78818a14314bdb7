import t from 'tap'
import { createLatencies, latenciesOf, median, summarize } from '../lib/statistics.ts'

t.test('the median of an even number is the mean of the two in the middle', async (t) => {
  t.equal(median([4, 1, 3, 2]), 2.5)
  t.equal(median([9, 1, 5]), 5)
  t.ok(Number.isNaN(median([])))
})

t.test('rounds are summarized by their median and their extremes', async (t) => {
  t.same(summarize([3, 1, 2]), { value: 2, spread: { min: 1, max: 3 } })
})

t.test('latencies keep three digits and are merged between processes, not averaged', async (t) => {
  const all = createLatencies()
  all.merge(latenciesOf(Array.from({ length: 99 }, () => 1)).encode())
  all.merge(latenciesOf([1_000]).encode())
  t.equal(all.count, 100)
  t.equal(all.percentile(50), 1)
  t.equal(all.percentile(99), 1)
  t.ok(Math.abs(all.percentile(99.9) - 1_000) < 2)
})

t.test('the row of no latencies has no figures, and its curve no points', async (t) => {
  const none = createLatencies()
  t.match(none.row('none'), { count: 0, p50: Number.NaN, max: Number.NaN })
  t.same(none.curve('none').points, [])
})

t.test('a curve ends where there are too few values to speak of a percentile', async (t) => {
  const percents = latenciesOf(Array.from({ length: 200 }, (_, index) => index)).curve('two hundred').points
  t.equal(percents.at(-1)?.[0], 99.5)
})
