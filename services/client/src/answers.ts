import type { AnswerContent, AnswerReceipt } from './documents.ts'
import type { Http } from './http.ts'
import { newAnswerId } from './ids.ts'
import { sessionPath } from './paths.ts'
import { clientProblem, isTransient, PodiumProblem } from './problem.ts'
import type { Requests } from './requests.ts'
import type { EventStream } from './stream.ts'
import { backoffMs, pause } from './waiting.ts'

export interface AnswerOptions {
  /** `auto` (default): over the WebSocket when it is open, else over HTTP. */
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

export interface Answering {
  readonly http: Http
  readonly sessionId: string
  readonly stream: EventStream & Pick<Requests, 'request'>
  readonly transport: 'ws' | 'sse'
}

const RETRY = { baseMs: 200, maxMs: 3_000 }

/**
 * Sends an answer until the server has said what became of it. All attempts carry the same answerId, so that the server
 * counts the answer once however often it arrives.
 * @throws PodiumProblem the refusal; or, at the deadline, what kept the last attempt from succeeding
 */
export const sendAnswer = async (
  { http, sessionId, stream, transport }: Answering,
  questionId: string,
  content: AnswerContent,
  options: AnswerOptions = {},
): Promise<AnswerReceipt> => {
  const { via = 'auto', deadlineMs = 15_000, attemptTimeoutMs = 4_000, maxAttempts = Infinity } = options
  const body = { answerId: options.answerId ?? newAnswerId(), questionId, ...content }
  const deadline = Date.now() + deadlineMs

  const attempt = (timeoutMs: number): Promise<AnswerReceipt> => {
    const socket = via === 'ws' || (via === 'auto' && transport === 'ws' && stream.status === 'open')
    return socket
      ? stream.request('answer', body, timeoutMs)
      : http.json({ method: 'POST', path: sessionPath(sessionId, '/answers'), body, timeoutMs })
  }

  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt(Math.max(1, Math.min(attemptTimeoutMs, deadline - Date.now())))
    } catch (error) {
      const problem = error instanceof PodiumProblem ? error : clientProblem('client-network', 'not sent', error)
      const waitMs = Math.max(problem.retryAfterMs ?? 0, backoffMs(attempts - 1, http.platform.random, RETRY))
      if (!isTransient(problem) || attempts >= maxAttempts || Date.now() + waitMs >= deadline) throw problem
      await pause(waitMs)
    }
  }
}
