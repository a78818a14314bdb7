import type { Arguments } from './arguments.ts'
import { openSources } from './sources.ts'
import { textReport } from './text-report.ts'
import { verifyWith } from './verify-session.ts'

/** Verifies what was asked for and writes it out. True when all of it agrees. */
export const run = async (
  { sessionIds, sources: options, waitMs, json }: Arguments,
  write: (text: string) => void,
): Promise<boolean> => {
  const sources = await openSources(options)
  try {
    let equal = true
    const ids = sessionIds ?? (await sources.records.sessionIds())
    for (const sessionId of ids) {
      const report = await verifyWith(sources, sessionId, waitMs)
      equal &&= report.equal
      write(json ? `${JSON.stringify(report)}\n` : textReport(report))
    }
    if (ids.length === 0 && !json) write('There are no sessions.\n')
    return equal
  } finally {
    await sources.close()
  }
}
