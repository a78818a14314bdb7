import t from 'tap'
import { loadScenario, scenarioNames } from '../lib/registry.ts'
import { optionsOf } from '../lib/run-scenario.ts'
import { defineScenario, generatorCheck, isMet, judge } from '../lib/scenario.ts'

t.test('a run is void when one of its checks does not hold, and says which', async (t) => {
  const verdict = judge([
    { sentence: 'all answers are in the ledger', holds: true },
    { sentence: 'nobody was closed', holds: false },
  ])
  t.same(verdict, { kind: 'void', reasons: ['not true: nobody was closed'] })
})

t.test('a generator that is later than a millisecond at p99 voids the run', async (t) => {
  t.equal(judge([generatorCheck(1)]).kind, 'valid')
  t.equal(judge([generatorCheck(1.01)]).kind, 'void')
  t.equal(judge([generatorCheck(Number.NaN)]).kind, 'void')
})

t.test('goals have a direction', async (t) => {
  t.equal(isMet(10, { direction: 'at most', value: 10 }), true)
  t.equal(isMet(9, { direction: 'at least', value: 10 }), false)
  t.equal(isMet(9, undefined), undefined)
})

t.test('options are given, quick or default', async (t) => {
  const scenario = defineScenario({
    name: 'x',
    summary: '',
    seconds: 1,
    options: { a: { help: '', default: '1', quick: '2' }, b: { help: '', default: '3' } },
    run: async () => ({ verdict: { kind: 'valid', checks: [] }, figures: [] }),
  })
  t.same(optionsOf(scenario, false, { b: '4', c: '5' }), { a: '1', b: '4' })
  t.same(optionsOf(scenario, true, {}), { a: '2', b: '3' })
})

t.test('every file in scenarios/ exports the scenario of its name', async (t) => {
  const names = scenarioNames()
  t.equal(names[0], 'ceilings')
  for (const name of names) t.equal((await loadScenario(name)).name, name)
})
