/** What became of requests, by outcome. */
export interface Tally {
  count(name: string): void
  of(name: string): number
  /** Most frequent first. */
  entries(): [name: string, count: number][]
  total(): number
}

export const createTally = (): Tally => {
  const counts = new Map<string, number>()
  return {
    count: (name) => void counts.set(name, (counts.get(name) ?? 0) + 1),
    of: (name) => counts.get(name) ?? 0,
    entries: () => [...counts].sort(([, a], [, b]) => b - a),
    total: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
  }
}
