import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { optionsOf } from '../lib/run-scenario.ts'
import { defineScenario, generatorCheck, isMet, judge } from '../lib/scenario.ts'
import { scenarios } from '../scenarios/index.ts'

t.test('a run is void when one of its checks does not hold, and says which', async (t) => {
  const verdict = judge([
    { sentence: 'all answers are in the ledger', holds: true },
    { sentence: 'no client was closed', holds: false },
  ])
  t.same(verdict, { kind: 'void', reasons: ['not true: no client was closed'] })
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

t.test('every file in scenarios/ is one scenario of the list, under its name', async (t) => {
  const files = readdirSync(join(import.meta.dirname, '../scenarios')).filter((file) => file !== 'index.ts')
  t.same(scenarios.map(({ name }) => `${name}.ts`).toSorted(), files.toSorted())
})
