import type { Check, Difference } from './records.ts'

/** Collects differences; `capacity` bounds what a broken session of any size makes of them, `count` counts all. */
export interface Differences {
  /** Notes a difference between two values unless they are equal. */
  compare(check: Check, subject: string, what: string, expected: Value, found: Value): void
  readonly list: readonly Difference[]
  readonly count: number
}

export type Value = string | number | boolean | undefined

const NOTHING = 'nothing'

export const createDifferences = (capacity = 10_000): Differences => {
  const list: Difference[] = []
  let count = 0
  return {
    compare: (check, subject, what, expected, found) => {
      if (expected === found) return
      count += 1
      if (list.length >= capacity) return
      list.push({ check, subject, what, expected: String(expected ?? NOTHING), found: String(found ?? NOTHING) })
    },
    list,
    get count() {
      return count
    },
  }
}
