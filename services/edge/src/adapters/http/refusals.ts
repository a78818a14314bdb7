import type { Logger } from '#lib/logger'
import { type ProblemContext, problemReply, toProblem } from './problem.ts'
import type { Reply } from './reply.ts'

/** An outage refuses thousands of requests a second, for one reason; so many of them get a line of their own. */
const WARNINGS_PER_SECOND = 50

/** The reply to a request that failed. Whatever is our fault is in the log, with the trace id that the client is told. */
export const createRefusals = (logger: Logger) => {
  let since = Number.NEGATIVE_INFINITY
  let warnings = 0
  let unmentioned = 0

  const warn = (details: object): void => {
    const now = performance.now()
    if (now - since >= 1_000) {
      since = now
      warnings = 0
    }
    warnings += 1
    if (warnings > WARNINGS_PER_SECOND) {
      unmentioned += 1
      return
    }
    logger.warn({ ...details, unmentioned }, 'request not served')
    unmentioned = 0
  }

  /** `allow`: the methods of the resource, for `method-not-allowed`. */
  return (err: unknown, request: ProblemContext, allow?: string): Reply => {
    const problem = toProblem(err, request)
    const { code, traceId: trace_id } = problem
    const { path } = request
    if (code === 'internal') logger.error({ err, trace_id, path }, 'request failed')
    else if (code === 'unavailable') warn({ err, trace_id, path })
    return problemReply(problem, allow === undefined ? {} : { allow })
  }
}
