import t from 'tap'
import { ERROR_CODES, type ErrorCode, PodiumError } from '#platform/errors'
import { HTTP_ERRORS, problemReply, toProblem } from '../../http/problem.ts'

const context = { path: '/v1/x', traceId: () => '0'.repeat(32) }

/** As in the API's table of errors. */
const STATUS: Record<ErrorCode, number> = {
  'session-not-found': 400,
  'already-joined': 409,
  'session-locked': 409,
  'session-full': 409,
  'too-many-guests': 409,
  'quota-exceeded': 409,
  'session-over': 409,
  'late-join-off': 409,
  'nickname-invalid': 400,
  'not-a-participant': 403,
  'question-not-in-quiz': 400,
  'already-answered': 400,
  'answer-id-reused': 422,
  'idempotency-key-reused': 422,
  'question-not-open': 409,
  'question-closed': 409,
  'session-paused': 409,
  'answer-invalid': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'wrong-state': 409,
  'precondition-required': 428,
  'precondition-failed': 412,
  malformed: 400,
  'too-large': 413,
  'unsupported-media-type': 415,
  'method-not-allowed': 405,
  'rate-limited': 429,
  unavailable: 503,
  internal: 500,
}

t.test('every error code has its status, a title and a document', async (t) => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    t.equal(HTTP_ERRORS[code][0], STATUS[code], code)
    const problem = toProblem(new PodiumError(code), context)
    t.match(problem, {
      type: `urn:podium:problem:${code}`,
      title: /^[A-Z]/,
      status: STATUS[code],
      detail: ERROR_CODES[code].detail,
      instance: '/v1/x',
      code,
      traceId: /^[0-9a-f]{32}$/,
    })
    const reply = problemReply(problem)
    t.match(reply.status, new RegExp(`^${STATUS[code]} [A-Z][A-Za-z ]+$`))
    t.equal(reply.contentType, 'application/problem+json')
    t.equal(reply.headers?.['www-authenticate'] !== undefined, code === 'unauthorized')
    t.equal(reply.headers?.['retry-after'] !== undefined, code === 'unavailable' || code === 'rate-limited')
  }
})

t.test('what was not foreseen says nothing about itself', async (t) => {
  const problem = toProblem(new Error('password=hunter2'), context)
  t.match(problem, { status: 500, code: 'internal', detail: ERROR_CODES.internal.detail })
  t.notMatch(JSON.stringify(problem), /hunter2/)
})

t.test('further members stay, but none replaces one of ours', async (t) => {
  const problem = toProblem(new PodiumError('already-joined', { extra: { playerId: 'p', status: 200 } }), context)
  t.match(problem, { playerId: 'p', status: 409 })
})

t.test('a code that nothing has is not found when it is looked up, and a bad request when it is joined', async (t) => {
  const error = new PodiumError('session-not-found')
  t.equal(toProblem(error, { ...context, method: 'GET' }).status, 404)
  t.equal(toProblem(error, { ...context, method: 'POST' }).status, 400)
})
