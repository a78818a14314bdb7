import type { Arguments } from './arguments.ts'
import { openSources } from './sources.ts'
import { textReport } from './text-report.ts'
import { verifyWith } from './verify-session.ts'

/** How many sessions agree with their ledger, and how many do not. */
export interface Outcomes {
  readonly match: number
  readonly mismatch: number
}

/** Verifies what was asked for and writes it out. */
export const run = async (
  { sessionIds, sources: options, waitMs, json }: Arguments,
  write: (text: string) => void,
): Promise<Outcomes> => {
  const sources = await openSources(options)
  try {
    let match = 0
    const ids = sessionIds ?? (await sources.records.sessionIds())
    for (const sessionId of ids) {
      const report = await verifyWith(sources, sessionId, waitMs)
      if (report.equal) match += 1
      write(json ? `${JSON.stringify(report)}\n` : textReport(report))
    }
    if (ids.length === 0 && !json) write('There are no sessions.\n')
    return { match, mismatch: ids.length - match }
  } finally {
    await sources.close()
  }
}
