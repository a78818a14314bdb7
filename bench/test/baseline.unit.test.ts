import t from 'tap'
import { baselineOf, compareWithBaseline } from '../lib/baseline.ts'

const machine = { cpu: 'one', commit: 'abc' }

t.test('the noise of a baseline is what the same code differs by from itself, and never less than 5 %', async (t) => {
  const { ratios } = baselineOf({ wide: [1, 1.2, 1.1], narrow: [2, 2.01] }, machine)
  t.same(ratios.wide, { median: 1.1, noise: 0.2 })
  t.same(ratios.narrow, { median: 2.005, noise: 0.05 })
})

t.test('a ratio is worse only beyond the noise', async (t) => {
  const baseline = { measuredOn: machine, ratios: { cost: { median: 2, noise: 0.1 } } }
  const outcome = (now: number) => compareWithBaseline(baseline, { cost: now })[0]?.outcome
  t.equal(outcome(2.19), 'as before')
  t.equal(outcome(2.21), 'worse')
  t.equal(outcome(1.9), 'as before')
  t.equal(outcome(1.8), 'better')
})

t.test('a ratio that the baseline does not have is new, and no failure', async (t) => {
  const [row] = compareWithBaseline({ measuredOn: machine, ratios: {} }, { cost: 3 })
  t.match(row, { outcome: 'new', limit: undefined, now: 3 })
})
