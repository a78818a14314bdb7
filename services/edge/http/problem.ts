import { type ErrorCode, type FieldError, PodiumError } from '#platform/errors'
import type { Logger } from '#platform/logger'
import type { Reply } from './reply.ts'

/** What each error code is in HTTP; the only place that knows. */
export const HTTP_ERRORS = {
  'session-not-found': [400, 'Session not found'],
  'already-joined': [409, 'Already joined'],
  'session-locked': [409, 'Session locked'],
  'session-full': [409, 'Session full'],
  'too-many-guests': [409, 'Too many guests'],
  'quota-exceeded': [409, 'Quota exceeded'],
  'session-over': [409, 'Session over'],
  'late-join-off': [409, 'No late joining'],
  'nickname-invalid': [400, 'Nickname invalid'],
  'not-a-participant': [403, 'Not a participant'],
  'question-not-in-quiz': [400, 'Question not in quiz'],
  'already-answered': [400, 'Already answered'],
  'answer-id-reused': [422, 'Answer id reused'],
  'idempotency-key-reused': [422, 'Idempotency key reused'],
  'question-not-open': [409, 'Question not open'],
  'question-closed': [409, 'Question closed'],
  'session-paused': [409, 'Session paused'],
  'answer-invalid': [400, 'Answer invalid'],
  unauthorized: [401, 'Unauthorized'],
  forbidden: [403, 'Forbidden'],
  'not-found': [404, 'Not found'],
  'wrong-state': [409, 'Wrong state'],
  'precondition-required': [428, 'Precondition required'],
  'precondition-failed': [412, 'Precondition failed'],
  malformed: [400, 'Malformed request'],
  'too-large': [413, 'Too large'],
  'unsupported-media-type': [415, 'Unsupported media type'],
  'method-not-allowed': [405, 'Method not allowed'],
  'rate-limited': [429, 'Too many requests'],
  unavailable: [503, 'Unavailable'],
  internal: [500, 'Internal error'],
} as const satisfies Record<ErrorCode, readonly [status: number, title: string]>

/** RFC 9110 reason phrases of the statuses above. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

const RETRY_AFTER_SECONDS = 1

/** RFC 9457 document; further members come from the error's `extra`. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly code: ErrorCode
  readonly traceId: string
  readonly errors?: readonly FieldError[]
  /** With `rate-limited`: the policy as in the RateLimit-Policy header, and when there is room again. */
  readonly policy?: string
  readonly retryAfterSeconds?: number
}

/** Where it happened: the request's method, path and trace. */
export interface ProblemContext {
  readonly method?: string
  readonly path: string
  traceId(): string
}

/** Anything that was thrown, as a client may see it: what is not a PodiumError becomes `internal` with its fixed text. */
export const toProblem = (error: unknown, context: ProblemContext): Problem => {
  const { code, message, errors, extra } = error instanceof PodiumError ? error : new PodiumError('internal')
  const [usual, title] = HTTP_ERRORS[code]
  // To look up a code that nothing has is not found; to join with it is a bad request.
  const status = code === 'session-not-found' && context.method === 'GET' ? 404 : usual
  return {
    ...extra,
    type: `urn:podium:problem:${code}`,
    title,
    status,
    detail: message,
    instance: context.path,
    code,
    traceId: context.traceId(),
    ...(errors !== undefined && { errors }),
  }
}

/** The problem as a response. `allow`: the methods of the resource, for `method-not-allowed`. */
export const problemReply = (
  problem: Problem,
  options: { readonly allow?: string; readonly close?: boolean } = {},
): Reply => {
  const { allow, close = false } = options
  return {
    status: `${problem.status} ${REASONS[problem.status] ?? ''}`,
    body: JSON.stringify(problem),
    contentType: 'application/problem+json',
    headers: {
      ...(problem.code === 'unauthorized' && { 'www-authenticate': 'Bearer realm="podium"' }),
      ...(allow !== undefined && { allow }),
      ...(problem.code === 'unavailable' && { 'retry-after': String(RETRY_AFTER_SECONDS) }),
      ...(problem.code === 'rate-limited' && rateHeaders(problem)),
    },
    close,
  }
}

/** Retry-After (RFC 9110) and the IETF draft's RateLimit fields; without a policy only the former. */
const rateHeaders = ({ policy, retryAfterSeconds = RETRY_AFTER_SECONDS }: Problem) => ({
  'retry-after': String(retryAfterSeconds),
  ...(policy !== undefined && {
    'ratelimit-policy': policy,
    ratelimit: `${policy.split(';')[0]};r=0;t=${retryAfterSeconds}`,
  }),
})

/** An outage refuses thousands of requests a second, for one reason; only so many get a line of their own in the log. */
const WARNINGS_PER_SECOND = 50

/** Logs faults of this service, with the trace id that the client gets. */
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
