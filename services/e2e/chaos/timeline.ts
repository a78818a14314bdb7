/** One request with an answer: when it was sent, in milliseconds since the game began, and what became of it. */
export interface Attempt {
  readonly at: number
  readonly took: number
  /** `failed`: 503, no reply, no connection; it is sent again. */
  readonly outcome: 'accepted' | 'refused' | 'failed'
}

export interface Timeline {
  readonly attempts: readonly Attempt[]
  readonly marks: readonly { readonly at: number; readonly text: string }[]
  readonly fault: { readonly from: number; readonly to: number }
  now(): number
  attempt(attempt: Attempt): void
  mark(text: string): void
  beginFault(): void
  endFault(): void
}

export const createTimeline = (): Timeline => {
  const began = performance.now()
  const now = (): number => performance.now() - began
  const attempts: Attempt[] = []
  const marks: { at: number; text: string }[] = []
  const fault = { from: 0, to: 0 }
  return {
    attempts,
    marks,
    fault,
    now,
    attempt: (attempt) => attempts.push(attempt),
    mark: (text) => marks.push({ at: now(), text }),
    beginFault: () => {
      fault.from = now()
    },
    endFault: () => {
      fault.to = now()
    },
  }
}

/**
 * The longest time, in milliseconds, in which answers were sent and none was accepted: from the first attempt that failed to the
 * next acceptance. 0 without failures.
 */
export const longestOutage = (attempts: readonly Attempt[]): number => {
  const endOf = ({ at, took }: Attempt): number => at + took
  const accepted = attempts.filter(({ outcome }) => outcome === 'accepted').map(endOf)
  const failed = attempts.filter(({ outcome }) => outcome === 'failed')
  const times = [0, ...accepted, Math.max(0, ...attempts.map(endOf))].sort((a, b) => a - b)
  const outages = times.slice(1).map((to, index) => {
    const from = times[index] ?? 0
    const inBetween = failed.filter((attempt) => endOf(attempt) > from && endOf(attempt) <= to).map(({ at }) => at)
    return inBetween.length === 0 ? 0 : to - Math.max(from, Math.min(...inBetween))
  })
  return Math.max(0, ...outages)
}
