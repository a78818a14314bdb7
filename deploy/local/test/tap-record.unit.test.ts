import t from 'tap'
import { countTests, failures } from '../tap-record.ts'

const file = (ok: boolean, ...tests: string[]) =>
  [
    '# Subtest: a.unit.test.ts',
    ...tests.map((line) => `    ${line}`),
    `${ok ? '' : 'not '}ok 1 - a.unit.test.ts # time=3ms`,
    '',
  ].join('\n')

t.test('the tests of a file are counted, its assertions are not', async (t) => {
  const tap = file(
    true,
    '    ok 1 - should be equal',
    '    ok 2 - should be equal',
    'ok 1 - adds # time=1ms',
    'ok 2 - subtracts',
  )
  t.strictSame(countTests(tap), { passed: 2, failed: 0, skipped: 0 })
})

t.test('failed, skipped and planned tests are told apart', async (t) => {
  const tap = file(false, 'not ok 1 - adds', 'ok 2 - divides # SKIP why', 'not ok 3 - roots # TODO', 'ok 4 - subtracts')
  t.strictSame(countTests(tap), { passed: 1, failed: 1, skipped: 2 })
})

t.test('a file that broke before its first test is a failure', async (t) => {
  t.strictSame(countTests(file(false, '1..0 # no tests found')), { passed: 0, failed: 1, skipped: 0 })
})

t.test('a failure is told once, with where it is and why', async (t) => {
  const tap = file(
    false,
    '# Subtest: adds',
    '    not ok 1 - numbers',
    '      ---',
    '      diff: 1 is not 2',
    '      ...',
    '    ok 2 - should be equal',
    'not ok 1 - adds # time=1ms',
    '  ---',
    '  at: somewhere',
    '  ...',
    'not ok 2 - roots # TODO',
  )
  const told = failures(tap)
  t.equal(told.length, 1)
  t.match(told[0], 'a.unit.test.ts > adds > numbers')
  t.match(told[0], 'diff: 1 is not 2')
  t.notMatch(told[0], 'somewhere')
})

t.test('a file that was killed is told with its signal', async (t) => {
  const killed = file(false, 'ok 1 - adds').replace(/\n$/, '\n  ---\n  signal: SIGKILL\n  ...\n')
  t.match(failures(killed), [/^a\.unit\.test\.ts.*\n.*signal: SIGKILL$/])
})
