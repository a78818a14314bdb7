import t from 'tap'
import { helpText, readArguments } from '../lib/arguments.ts'
import { defineScenario } from '../lib/scenario.ts'

const scenario = (name: string, onlyByName: boolean) =>
  defineScenario({
    name,
    summary: `about ${name}`,
    seconds: 1,
    onlyByName,
    options: { [`${name}-size`]: { help: 'how large', default: '1' } },
    run: async () => ({ verdict: { kind: 'valid', checks: [] }, figures: [] }),
  })

const all = [scenario('one', false), scenario('two', false), scenario('three', true)]
const names = (args: readonly string[]) => readArguments(args, all).scenarios.map(({ name }) => name)

t.test('without a name everything runs but what runs only by name', async (t) => {
  t.same(names([]), ['one', 'two'])
  t.same(names(['three', 'one']), ['three', 'one'])
})

t.test('options are given as name=value, and the value may have an equals sign', async (t) => {
  t.same(readArguments(['--set', 'one-size=a=b'], all).given, { 'one-size': 'a=b' })
})

t.test('a mistake is a sentence that says what there is', async (t) => {
  t.throws(() => readArguments(['four'], all), { message: 'there is no scenario four; there are one, two, three' })
  t.throws(() => readArguments(['one', '--set', 'two-size=1'], all), { message: /has an option two-size/ })
  t.throws(() => readArguments(['--set', 'size'], all), { message: /option=value/ })
  t.throws(() => readArguments(['--quik'], all))
})

t.test('the help lists every scenario with its options', async (t) => {
  const text = helpText(all)
  for (const { name } of all) t.match(text, `about ${name}`)
  t.match(text, 'three *')
  t.match(text, 'one-size=1')
})
