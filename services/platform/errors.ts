/**
 * Every error code a client or an operator can meet. Codes are stable; what HTTP makes of them is the edge's business.
 * `action`: what a client should do. `retry`: the same request may succeed later without any change; `ask`: another one,
 * when the user or the app has changed something. `remedy` is for the page of codes.
 */
export const ERROR_CODES = {
  'session-not-found': { action: 'ask', detail: 'There is no such session.', remedy: 'Let the player check the code.' },
  'already-joined': {
    action: 'ask',
    detail: 'This user has already joined. Join with {"resume": true} to continue.',
    remedy: 'Join again with `{"resume": true}`: the same player, a fresh token. `playerId` says which.',
  },
  'session-locked': {
    action: 'retry',
    detail: 'The host has locked the session.',
    remedy: 'Try again when the host has unlocked it.',
  },
  'session-full': {
    action: 'retry',
    detail: 'The session has as many players as it takes.',
    remedy: 'Try again when a player has left.',
  },
  'too-many-guests': {
    action: 'ask',
    detail: 'As many guests as may have joined from this network.',
    remedy: 'Let the player sign in, where the app has accounts, or join from another network.',
  },
  'quota-exceeded': {
    action: 'ask',
    detail: 'This host has as many of these as one host may have.',
    remedy: '`quota` says of what and `limit` how many: end sessions or delete quizzes that are not needed any more.',
  },
  'session-over': { action: 'give up', detail: 'The session is over.', remedy: 'Show that it is over.' },
  'late-join-off': {
    action: 'give up',
    detail: 'The session has started and takes no late joiners.',
    remedy: 'Show that it has begun.',
  },
  'nickname-invalid': {
    action: 'ask',
    detail: 'The nickname cannot be used.',
    remedy: 'Ask for another nickname; `errors` says what is wrong with this one.',
  },
  'not-a-participant': {
    action: 'ask',
    detail: 'Only players of this session can answer.',
    remedy: 'Join the session first, and send the token that join returned.',
  },
  'question-not-in-quiz': {
    action: 'give up',
    detail: 'This session has no such question.',
    remedy: 'The answer belongs to another session: drop it.',
  },
  'already-answered': {
    action: 'give up',
    detail: 'This player has already answered the question.',
    remedy: 'Show the question as answered: another answer of the player counts.',
  },
  'answer-id-reused': {
    action: 'give up',
    detail: 'This answerId was used for another answer.',
    remedy: 'A fault of the app: every new answer needs a new `answerId`.',
  },
  'idempotency-key-reused': {
    action: 'give up',
    detail: 'This Idempotency-Key was used for another request.',
    remedy: 'A fault of the app: every new request needs a new key.',
  },
  'question-not-open': {
    action: 'retry',
    detail: 'The question is not open yet.',
    remedy: 'Send the same answer again when the question opens (`opensAt`).',
  },
  'question-closed': {
    action: 'give up',
    detail: 'The question is closed.',
    remedy: 'Show that it came too late. It does not count.',
  },
  'session-paused': {
    action: 'retry',
    detail: 'The session is paused.',
    remedy: 'Send the same answer again after `session.resumed`.',
  },
  'answer-invalid': {
    action: 'ask',
    detail: 'The answer does not fit the question.',
    remedy: 'Send the form that the kind of the question takes, with options that it has.',
  },
  unauthorized: {
    action: 'ask',
    detail: 'A valid bearer token is required.',
    remedy:
      'Get a fresh token, once; a user token from the identity provider, a player token with `resume`. Then log in again.',
  },
  forbidden: {
    action: 'give up',
    detail: 'This token does not allow that.',
    remedy: 'Another role or kind of token is needed.',
  },
  'not-found': {
    action: 'give up',
    detail: 'There is nothing here.',
    remedy: 'It does not exist or belongs to another user.',
  },
  'wrong-state': {
    action: 'ask',
    detail: 'The session is not in a state that allows this.',
    remedy: 'Show the state that the session has (`state`) and let the host decide again.',
  },
  'precondition-required': {
    action: 'ask',
    detail: 'If-Match with the ETag of what is to be changed is required.',
    remedy: 'Read it, and send the `ETag` that came with it as `If-Match`.',
  },
  'precondition-failed': {
    action: 'ask',
    detail: 'It was changed meanwhile. Read it again.',
    remedy: 'Read it again, show what is different, and let the host decide.',
  },
  malformed: {
    action: 'give up',
    detail: 'The request is not well-formed.',
    remedy: 'A fault of the app, or input that it should have checked; `errors` says where.',
  },
  'too-large': { action: 'give up', detail: 'The body is too large.', remedy: 'Send less: see `docs/limits.md`.' },
  'unsupported-media-type': {
    action: 'give up',
    detail: 'The body must be application/json.',
    remedy: 'A fault of the app: send `Content-Type: application/json`.',
  },
  'method-not-allowed': {
    action: 'give up',
    detail: 'This resource does not support the method.',
    remedy: 'A fault of the app; the header `Allow` has the methods.',
  },
  'rate-limited': {
    action: 'retry',
    detail: 'Too many requests. Slow down.',
    remedy: 'Wait as long as `Retry-After` says, then send the same request again.',
  },
  unavailable: {
    action: 'retry',
    detail: 'The service is not available at the moment. Try again soon.',
    remedy: 'Wait as long as `Retry-After` says, longer each time, then send the same request again.',
  },
  internal: {
    action: 'give up',
    detail: 'Something went wrong on our side.',
    remedy: 'Report it with the `traceId`. A repeat with the same key or `answerId` does no harm.',
  },
} as const satisfies Record<string, { action: 'retry' | 'ask' | 'give up'; detail: string; remedy: string }>

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
    return ERROR_CODES[this.code].action === 'retry'
  }
}

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERROR_CODES, code)
