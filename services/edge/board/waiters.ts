/** Calls that wait with a deadline for work that one worker does for all of them. */
export const createWaiters = () => {
  const waiters = new Set<{ readonly ticket: number; readonly finish: (isDone: boolean) => void }>()
  let wanted = 0
  let done = 0
  let isClosed = false

  return {
    /** Asks for the work once more; returns the ticket to wait with, 1 for the first. */
    want: (): number => ++wanted,
    isWanted: (): boolean => done < wanted,
    /** The ticket that work begun now covers. */
    newest: (): number => wanted,
    /** Resolves every wait up to this ticket. */
    finish: (ticket: number): void => {
      done = Math.max(done, ticket)
      for (const waiter of waiters) if (waiter.ticket <= done) waiter.finish(true)
    },
    /** Resolves true when the ticket's work is done, false after the deadline or at close. */
    wait: (ticket: number, timeoutMs: number): Promise<boolean> => {
      if (ticket <= done) return Promise.resolve(true)
      if (isClosed) return Promise.resolve(false)
      return new Promise((resolve) => {
        const finish = (isDone: boolean): void => {
          waiters.delete(waiter)
          clearTimeout(timer)
          resolve(isDone)
        }
        const waiter = { ticket, finish }
        const timer = setTimeout(() => finish(false), timeoutMs)
        waiters.add(waiter)
      })
    },
    close: (): void => {
      isClosed = true
      for (const { finish } of waiters) finish(false)
    },
  }
}
