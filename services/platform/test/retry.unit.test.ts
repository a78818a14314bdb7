import t from 'tap'
import { PodiumError } from '#platform/errors'
import { retryWhileUnavailable } from '#platform/retry'
import { silentLogger } from './support/process.ts'

const options = { what: 'a test', logger: silentLogger(), isStopping: () => false }

/** Fails so many times with `error`, then returns the number of calls. */
const failing = (times: number, error: Error) => {
  let calls = 0
  return async () => {
    calls += 1
    if (calls <= times) throw error
    return calls
  }
}

t.test('work that may succeed later is repeated until it does', async (t) => {
  t.equal(await retryWhileUnavailable(failing(2, new PodiumError('unavailable')), options), 3)
})

t.test('a permanent error ends the retries at once', async (t) => {
  const work = failing(1, new PodiumError('malformed'))
  await t.rejects(retryWhileUnavailable(work, options), { code: 'malformed' })
  await t.rejects(retryWhileUnavailable(failing(1, new TypeError('a bug')), options), TypeError)
})

t.test('after the deadline the last error ends it', async (t) => {
  const started = performance.now()
  const work = failing(Number.POSITIVE_INFINITY, new PodiumError('unavailable'))
  await t.rejects(retryWhileUnavailable(work, { ...options, deadlineMs: 200 }), { code: 'unavailable' })
  t.ok(performance.now() - started < 1_000)
})

t.test('a stop ends the waiting', async (t) => {
  const work = failing(1, new PodiumError('unavailable'))
  await t.rejects(retryWhileUnavailable(work, { ...options, isStopping: () => true }), { code: 'unavailable' })
})
