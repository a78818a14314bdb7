/**
 * Every error code a client or an operator can meet. Codes are stable; what HTTP makes of them is the edge's business.
 * `retry`: the same request may succeed later without any change.
 */
export const ERROR_CODES = {
  'session-not-found': { retry: false, detail: 'There is no such session.' },
  'already-joined': { retry: false, detail: 'This user has already joined. Join with {"resume": true} to continue.' },
  'session-locked': { retry: true, detail: 'The host has locked the session.' },
  'session-full': { retry: true, detail: 'The session has as many players as it takes.' },
  'session-over': { retry: false, detail: 'The session is over.' },
  'late-join-off': { retry: false, detail: 'The session has started and takes no late joiners.' },
  'nickname-invalid': { retry: false, detail: 'The nickname cannot be used.' },
  'not-a-participant': { retry: false, detail: 'Only players of this session can answer.' },
  'question-not-in-quiz': { retry: false, detail: 'This session has no such question.' },
  'already-answered': { retry: false, detail: 'This player has already answered the question.' },
  'answer-id-reused': { retry: false, detail: 'This answerId was used for another answer.' },
  'idempotency-key-reused': { retry: false, detail: 'This Idempotency-Key was used for another request.' },
  'question-not-open': { retry: true, detail: 'The question is not open yet.' },
  'question-closed': { retry: false, detail: 'The question is closed.' },
  'session-paused': { retry: true, detail: 'The session is paused.' },
  'answer-invalid': { retry: false, detail: 'The answer does not fit the question.' },
  unauthorized: { retry: false, detail: 'A valid bearer token is required.' },
  forbidden: { retry: false, detail: 'This token does not allow that.' },
  'not-found': { retry: false, detail: 'There is nothing here.' },
  'wrong-state': { retry: false, detail: 'The session is not in a state that allows this.' },
  malformed: { retry: false, detail: 'The request is not well-formed.' },
  'too-large': { retry: false, detail: 'The body is too large.' },
  'unsupported-media-type': { retry: false, detail: 'The body must be application/json.' },
  'method-not-allowed': { retry: false, detail: 'This resource does not support the method.' },
  'rate-limited': { retry: true, detail: 'Too many requests. Slow down.' },
  unavailable: { retry: true, detail: 'The service is not available at the moment. Try again soon.' },
  internal: { retry: false, detail: 'Something went wrong on our side.' },
} as const satisfies Record<string, { retry: boolean; detail: string }>

export type ErrorCode = keyof typeof ERROR_CODES

/** One fault in a request body: a JSON pointer and a code such as `required` or `type`. */
export interface FieldError {
  readonly pointer: string
  readonly code: string
}

export interface PodiumErrorOptions {
  /** For humans; must not echo internals. Default: the code's own sentence. */
  readonly detail?: string
  readonly errors?: readonly FieldError[]
  /** Further members for the problem document, for instance `{ playerId }`. */
  readonly extra?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** An expected refusal. Everything else that is thrown is a bug or an outage and becomes `internal` or `unavailable`. */
export class PodiumError extends Error {
  override readonly name = 'PodiumError'
  readonly code: ErrorCode
  readonly errors: readonly FieldError[] | undefined
  readonly extra: PodiumErrorOptions['extra']

  constructor(code: ErrorCode, options: PodiumErrorOptions = {}) {
    super(
      options.detail ?? ERROR_CODES[code].detail,
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.code = code
    this.errors = options.errors
    this.extra = options.extra
  }

  /** The same request may succeed later. */
  get canRetry(): boolean {
    return ERROR_CODES[this.code].retry
  }
}

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERROR_CODES, code)
