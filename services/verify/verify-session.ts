import { setTimeout as sleep } from 'node:timers/promises'
import { compareSession } from './comparison.ts'
import type { Report } from './report.ts'
import { openSources, type SourceOptions, type Sources } from './sources.ts'

export interface VerifyOptions extends SourceOptions {
  readonly sessionId: string
  /** Repeats the comparison for so long while something differs, as answers may be on their way. Default 0. */
  readonly waitMs?: number
}

const INTERVAL_MS = 200

/**
 * Recomputes a session from its ledger and compares totals, progress, accepted answers, the board and the edge with it.
 * @throws RangeError when there is no such session; any other error when a store cannot be read
 */
export const verifySession = async (options: VerifyOptions): Promise<Report> => {
  const sources = await openSources(options)
  try {
    return await verifyWith(sources, options.sessionId, options.waitMs)
  } finally {
    await sources.close()
  }
}

/** The same over connections that are open already. */
export const verifyWith = async (sources: Sources, sessionId: string, waitMs = 0): Promise<Report> => {
  const deadline = performance.now() + waitMs
  for (;;) {
    const report = await compareSession(sources, sessionId)
    if (report === undefined) throw new RangeError(`there is no session ${sessionId}`)
    if (report.equal || performance.now() + INTERVAL_MS > deadline) return report
    await sleep(INTERVAL_MS)
  }
}
