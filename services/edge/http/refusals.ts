import type { Logger } from '#platform/logger'
import { type Problem, type ProblemContext, problemReply, toProblem } from './problem.ts'
import type { Reply } from './reply.ts'

/** An outage refuses thousands of requests a second, for one reason; so many of them get a line of their own. */
const WARNINGS_PER_SECOND = 50

/** Logs what is our fault, with the trace id that the client gets. */
export type FaultLog = (err: unknown, problem: Problem, path: string) => void

export const createFaultLog = (logger: Logger): FaultLog => {
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

  return (err, { code, traceId: trace_id }, path) => {
    if (code === 'internal') logger.error({ err, trace_id, path }, 'request failed')
    else if (code === 'unavailable') warn({ err, trace_id, path })
  }
}

/** The reply to a request that failed. */
export const createRefusals = (logger: Logger) => {
  const logFault = createFaultLog(logger)
  /** `allow`: the methods of the resource, for `method-not-allowed`. */
  return (err: unknown, request: ProblemContext, allow?: string): Reply => {
    const problem = toProblem(err, request)
    logFault(err, problem, request.path)
    return problemReply(problem, allow === undefined ? {} : { allow })
  }
}
