import t from 'tap'
import { eventually } from './support/eventually.ts'

t.test('resolves with the first truthy result', async (t) => {
  let calls = 0
  t.equal(await eventually(() => (++calls === 3 ? 'here' : undefined), { intervalMs: 1 }), 'here')
  t.equal(calls, 3)
})

t.test('takes an exception for "not yet"', async (t) => {
  let calls = 0
  const check = async () => {
    if (++calls < 3) throw new Error('too early')
    return true
  }
  t.equal(await eventually(check, { intervalMs: 1 }), true)
})

t.test('after the deadline it says what it waited for and what came last', async (t) => {
  const waiting = eventually(() => 0, { timeoutMs: 30, intervalMs: 5, what: 'the board has 3 players' })
  await t.rejects(waiting, { message: 'timed out after 30 ms waiting until the board has 3 players; last: 0' })
  const failing = eventually(() => Promise.reject(new Error('refused')), { timeoutMs: 30, intervalMs: 5 })
  await t.rejects(failing, { message: /last: refused$/ })
})

t.test('a check that hangs does not hang the test', async (t) => {
  await t.rejects(
    eventually(() => new Promise(() => undefined), { timeoutMs: 30 }),
    /no answer from the check/,
  )
})
