import type { Entry, Ledger, Recorded } from './ports.ts'

/** Entries that went into the ledger together, and what it said. */
export interface Part {
  readonly entries: readonly Entry[]
  readonly recorded: Recorded
}

/**
 * Records all entries with one write. If the ledger refuses it because of some entry, which our own evaluator never
 * causes, halves are tried until only the culprits are left out: one bad entry must not take others' answers with it.
 */
export const recordAll = async (
  ledger: Ledger,
  entries: readonly Entry[],
): Promise<{ readonly parts: readonly Part[]; readonly refused: ReadonlySet<Entry> }> => {
  const parts: Part[] = []
  const refused = new Set<Entry>()
  const queue = entries.length === 0 ? [] : [entries]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const recorded = await ledger.record(next)
    if (recorded !== 'refused') {
      parts.push({ entries: next, recorded })
    } else if (next.length > 1) {
      const middle = next.length >> 1
      queue.push(next.slice(middle), next.slice(0, middle))
    } else {
      for (const entry of next) refused.add(entry)
    }
  }
  return { parts, refused }
}
