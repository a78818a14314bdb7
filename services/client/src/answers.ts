import type { AnswerReceipt } from './documents.ts'
import type { Http } from './http.ts'
import type { PendingAnswer } from './outbox.ts'
import { sessionPath } from './paths.ts'
import { clientProblem, isTransient, PodiumProblem } from './problem.ts'
import type { InnerStream } from './stream.ts'
import { backoffMs, pause } from './waiting.ts'

export interface AnswerOptions {
  /** `auto` (default): over the WebSocket when it is open and replies, else over HTTP. */
  readonly via?: 'auto' | 'http' | 'ws'
  /** To repeat an answer whose outcome was never learned. Default: a new one. */
  readonly answerId?: string
  /** When to give up, attempts and waiting together. Default 15 000. */
  readonly deadlineMs?: number
  /** Longest wait for the outcome of one attempt. Default 4 000. */
  readonly attemptTimeoutMs?: number
  /** Default: as many as fit before the deadline. */
  readonly maxAttempts?: number
}

export interface AnswerSending {
  readonly http: Http
  readonly sessionId: string
  readonly stream: InnerStream
  readonly transport: 'ws' | 'sse'
  /** Aborts a waiting time when it is worth trying at once. */
  readonly nextChance: () => AbortSignal
}

const RETRY = { baseMs: 200, maxMs: 3_000 }
/** While the server and we disagree about the moment at which a question opens. */
const OPENING_RETRY = { baseMs: 40, maxMs: 200 }

/** A question is announced a moment before it opens; what opens later than this (ms) is not waited for. */
const MAX_LEAD_MS = 5_000
/** How long (ms) after the announced moment by our idea of the server's clock it may still be closed. */
const OPENING_GRACE_MS = 2_000

/**
 * Sends an answer until the server has said what became of it. All attempts carry the same answerId, so that the server
 * counts the answer once however often it arrives.
 * @throws PodiumProblem the refusal; or, at the deadline, what kept the last attempt from succeeding
 */
export const sendAnswer = async (
  { http, sessionId, stream, transport, nextChance }: AnswerSending,
  { answerId, questionId, content, traceparent }: Omit<PendingAnswer, 'madeAt'>,
  options: AnswerOptions,
): Promise<AnswerReceipt> => {
  const { via = 'auto', deadlineMs = 15_000, attemptTimeoutMs = 4_000, maxAttempts = Infinity } = options
  const body = { answerId, questionId, ...content }
  const deadline = Date.now() + deadlineMs
  let isSilent = false

  const attempt = async (timeoutMs: number): Promise<AnswerReceipt> => {
    const socket = via === 'ws' || (via === 'auto' && transport === 'ws' && stream.status === 'open' && !isSilent)
    if (!socket) {
      return http.json({ method: 'POST', path: sessionPath(sessionId, '/answers'), body, traceparent, timeoutMs })
    }
    try {
      return await stream.request('answer', body, timeoutMs, traceparent)
    } catch (error) {
      // Perhaps the connection is dead and does not know it.
      isSilent = error instanceof PodiumProblem && error.code === 'client-timeout'
      if (isSilent) stream.wake()
      throw error
    }
  }

  /** Undefined: asking again will not change it. */
  const delayMs = (problem: PodiumProblem, attempts: number): number | undefined => {
    if (problem.code === 'question-not-open') {
      const openingMs = untilOpening(stream, questionId)
      return openingMs === undefined
        ? undefined
        : Math.max(openingMs, backoffMs(attempts - 1, http.platform.random, OPENING_RETRY))
    }
    // The stream was closed with the answer under way; HTTP is still there.
    if (problem.code === 'client-closed' && via === 'auto') return 0
    if (!isTransient(problem)) return undefined
    return Math.max(problem.retryAfterMs ?? 0, backoffMs(attempts - 1, http.platform.random, RETRY))
  }

  for (let attempts = 1; ; attempts++) {
    const chance = nextChance()
    try {
      return await attempt(Math.max(1, Math.min(attemptTimeoutMs, deadline - Date.now())))
    } catch (error) {
      const problem = error instanceof PodiumProblem ? error : clientProblem('client-network', 'not sent', error)
      const waitMs = delayMs(problem, attempts)
      if (waitMs === undefined || attempts >= maxAttempts || Date.now() + waitMs >= deadline) throw problem
      // A new connection is a reason to hurry when the network was the trouble, none when the server asked for time.
      await pause(waitMs, problem.status === 0 ? chance : undefined)
    }
  }
}

/** Milliseconds until the question opens, below zero when it should be open; undefined when it is not about to. */
const untilOpening = (stream: InnerStream, questionId: string): number | undefined => {
  const { question } = stream.board
  if (question?.questionId !== questionId) return undefined
  const ms = question.opensAt - stream.serverNow()
  return ms > -OPENING_GRACE_MS && ms < MAX_LEAD_MS ? ms : undefined
}
