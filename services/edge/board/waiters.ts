/** Waiting with a deadline for something that one worker does for everybody who asked. */
export interface Turnstile {
  /** Asks for one more pass; the result is its ticket, 1 for the first. */
  want(): number
  isWanted(): boolean
  /** The ticket that a worker who starts now can pass. */
  newest(): number
  /** Everybody up to this ticket may go on. */
  pass(ticket: number): void
  /** Resolves true when the ticket has passed, false after the deadline or at close. */
  passed(ticket: number, timeoutMs: number): Promise<boolean>
  close(): void
}

interface Waiter {
  readonly ticket: number
  readonly finish: (hasPassed: boolean) => void
}

export const createTurnstile = (): Turnstile => {
  const waiters = new Set<Waiter>()
  let wanted = 0
  let last = 0
  let isClosed = false

  return {
    want: () => ++wanted,
    isWanted: () => last < wanted,
    newest: () => wanted,
    pass: (ticket) => {
      last = Math.max(last, ticket)
      for (const waiter of waiters) if (waiter.ticket <= last) waiter.finish(true)
    },
    passed: (ticket, timeoutMs) => {
      if (ticket <= last) return Promise.resolve(true)
      if (isClosed) return Promise.resolve(false)
      return new Promise((resolve) => {
        const finish = (hasPassed: boolean): void => {
          waiters.delete(waiter)
          clearTimeout(timer)
          resolve(hasPassed)
        }
        const waiter: Waiter = { ticket, finish }
        const timer = setTimeout(() => finish(false), timeoutMs)
        waiters.add(waiter)
      })
    },
    close: () => {
      isClosed = true
      for (const { finish } of waiters) finish(false)
    },
  }
}
