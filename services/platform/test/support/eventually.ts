import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'

export type EventuallyOptions = {
  /** Default 5000. */
  readonly timeoutMs?: number
  /** Default 20. */
  readonly intervalMs?: number
  /** Completes the sentence "timed out waiting until …" in the error. */
  readonly what?: string
}

/**
 * Waits until `check` returns something truthy and resolves with it. An exception counts as "not yet". After the deadline it
 * rejects with the last result or exception, and points at the caller.
 */
export const eventually = async <T>(
  check: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<NonNullable<T>> => {
  const { timeoutMs = 5_000, intervalMs = 20, what = 'the condition holds' } = options
  const timedOut = new Error()
  Error.captureStackTrace(timedOut, eventually)
  const deadline = performance.now() + timeoutMs
  let last: string
  do {
    const outcome = await attempt(check, deadline - performance.now())
    if (outcome.value) return outcome.value
    last = outcome.text
    await sleep(intervalMs)
  } while (performance.now() < deadline)
  timedOut.message = `timed out after ${timeoutMs} ms waiting until ${what}; last: ${last}`
  throw timedOut
}

/** One call of `check`, which may also hang: then the deadline ends it. */
const attempt = async <T>(check: () => T | Promise<T>, timeoutMs: number): Promise<{ value?: T; text: string }> => {
  const timer = new AbortController()
  const timeout = sleep(Math.max(timeoutMs, 1), undefined, { signal: timer.signal }).then(
    () => ({ text: 'no answer from the check' }),
    () => ({ text: '' }),
  )
  try {
    const answer = (async () => check())().then((value) => ({
      value,
      text: inspect(value, { depth: 4, breakLength: 120 }),
    }))
    return await Promise.race([answer, timeout])
  } catch (error) {
    return { text: error instanceof Error ? error.message : inspect(error) }
  } finally {
    timer.abort()
  }
}
