import type { Arguments } from './arguments.ts'
import { openSources } from './sources.ts'
import { textReport } from './text-report.ts'
import { verifyWith } from './verify-session.ts'

/** How many sessions agree with their ledger, and how many do not. */
export interface Outcomes {
  readonly match: number
  readonly mismatch: number
}

const PROGRESS_EVERY_MS = 5_000

/**
 * Verifies what was asked for and writes a report of each session, in the order in which they are done; `progress` gets a line
 * every few seconds and one at the end.
 * @throws RangeError when a session that was named does not exist; any other error when a store cannot be read
 */
export const run = async (
  { sessionIds, since, sources: options, waitMs, json }: Arguments,
  write: (text: string) => void,
  progress: (line: string) => void,
): Promise<Outcomes> => {
  const sources = await openSources(options)
  const startedAt = performance.now()
  const outcomes = { match: 0, mismatch: 0 }
  try {
    const ids = sessionIds ?? (await sources.records.sessionIds(since))
    const report = (): void => {
      const done = outcomes.match + outcomes.mismatch
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
      progress(`${done} of ${ids.length} sessions verified in ${seconds} s, ${outcomes.mismatch} differ\n`)
    }
    const timer = setInterval(report, PROGRESS_EVERY_MS)
    const queue = ids.values()
    const verifyNext = async (): Promise<void> => {
      for (const sessionId of queue) {
        const compared = await verifyWith(sources, sessionId, waitMs)
        outcomes[compared.equal ? 'match' : 'mismatch'] += 1
        write(json ? `${JSON.stringify(compared)}\n` : textReport(compared))
      }
    }
    try {
      await Promise.all(Array.from({ length: options.parallel ?? 1 }, verifyNext))
    } finally {
      clearInterval(timer)
    }
    if (ids.length === 0 && !json) write('There are no sessions.\n')
    report()
    return outcomes
  } finally {
    await sources.close()
  }
}
