import type { AnswerAccepted, AnswerContent } from './documents.ts'
import { type Http, sessionPath } from './http.ts'
import { newId } from './ids.ts'
import { callListener } from './listeners.ts'
import type { Outbox, PendingAnswer } from './outbox.ts'
import { clientProblem, isTransient, PodiumProblem } from './problem.ts'
import type { InnerStream } from './stream.ts'
import { type TraceSource, traceIdOf, traceparentOf } from './trace.ts'
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
/**
 * How long (ms) it may still be closed after the announced moment by our idea of the server's clock; or after the first
 * attempt, when the app learned of the question otherwise than by this stream, or our idea of the clock is wrong.
 */
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
): Promise<AnswerAccepted> => {
  const { via = 'auto', deadlineMs = 15_000, attemptTimeoutMs = 4_000, maxAttempts = Infinity } = options
  const body = { answerId, questionId, ...content }
  const began = Date.now()
  const deadline = began + deadlineMs
  let isSilent = false

  const attempt = async (timeoutMs: number): Promise<AnswerAccepted> => {
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
      const openingMs = untilOpening(stream, questionId, began)
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

/**
 * Milliseconds until the question opens, below zero when it should be open; undefined when it is not about to. The server's
 * clock may be wrong, so that in the first moments an answer is tried again in any case.
 */
const untilOpening = (stream: InnerStream, questionId: string, began: number): number | undefined => {
  const { question } = stream.board
  const ms = question?.questionId === questionId ? question.opensAt - stream.serverNow() : undefined
  if (ms !== undefined && ms > -OPENING_GRACE_MS && ms < MAX_LEAD_MS) return ms
  return Date.now() - began < OPENING_GRACE_MS ? 0 : undefined
}

/** What became of an answer, also of one whose promise was given up or belonged to an earlier run of the app. */
export interface AnswerOutcome {
  readonly answerId: string
  readonly questionId: string
  /** By which operators find it, when it was sent with a trace of the app. */
  readonly traceId?: string
  /** The server has it. */
  readonly receipt?: AnswerAccepted
  /** The server refused it. */
  readonly problem?: PodiumProblem
}

export interface Answering {
  answer(questionId: string, content: AnswerContent, options?: AnswerOptions): Promise<AnswerAccepted>
  /** Sends what waits. Resolves with what was decided; never rejects. */
  flush(): Promise<readonly AnswerOutcome[]>
  onAnswer(listener: (outcome: AnswerOutcome) => void): () => void
  /** Forgets what waits. */
  discard(): Promise<void>
}

/** Answers under way at once when many have waited. */
const MAX_UNDER_WAY = 4

/** Pause (ms) before what could not be sent is tried again on a connection that stays open; spread to twice as long. */
const AGAIN_MS = 10_000

/** Longest waits (ms) for the store: before an answer, as time counts in a quiz, and for writes that no caller waits for. */
const STORE_MS = 300
const FLUSH_STORE_MS = 5_000

export interface AnsweringDeps extends Omit<AnswerSending, 'nextChance'> {
  readonly outbox: Outbox
  readonly trace?: TraceSource | undefined
}

export const createAnswering = (deps: AnsweringDeps): Answering => {
  const { stream, outbox, http, trace } = deps
  const listeners = new Set<(outcome: AnswerOutcome) => void>()
  /** How often an answer is being sent; what is being sent is not sent by a flush as well. */
  const underWay = new Map<string, number>()
  let chance = new AbortController()
  let flushing: Promise<readonly AnswerOutcome[]> | undefined
  let again: ReturnType<typeof setTimeout> | undefined

  const settle = (outcome: AnswerOutcome): void => {
    const { answerId, questionId, receipt, problem } = outcome
    // No caller waits for the store: sent once more, a decided answer gets the same reply.
    void outbox.remove([answerId]) // never rejects
    if (receipt !== undefined || problem?.code === 'already-answered') {
      stream.tell({ type: 'answer.accepted', data: { questionId } })
    }
    for (const listener of [...listeners]) callListener(listener, outcome)
  }

  const send = async (answer: PendingAnswer, options: AnswerOptions): Promise<AnswerAccepted> => {
    const { answerId, questionId, traceparent } = answer
    const about = { answerId, questionId, ...(traceparent !== undefined && { traceId: traceIdOf(traceparent) }) }
    try {
      const receipt = await sendAnswer({ ...deps, nextChance: () => chance.signal }, answer, options)
      settle({ ...about, receipt })
      return receipt
    } catch (error) {
      if (error instanceof PodiumProblem && isDecision(error)) settle({ ...about, problem: error })
      throw error
    }
  }

  const markUnderWay = async <T>(answerId: string, work: () => Promise<T>): Promise<T> => {
    underWay.set(answerId, (underWay.get(answerId) ?? 0) + 1)
    try {
      return await work()
    } finally {
      const others = (underWay.get(answerId) ?? 1) - 1
      if (others > 0) underWay.set(answerId, others)
      else underWay.delete(answerId)
    }
  }

  /** Who answers again takes back what waits for another try; what is under way is the server's to decide. */
  const replaceOlder = async (questionId: string, answerId: string): Promise<void> => {
    const older = (await outbox.pending(STORE_MS)).filter(
      (other) => other.questionId === questionId && other.answerId !== answerId && !underWay.has(other.answerId),
    )
    await outbox.remove(older.map((other) => other.answerId))
  }

  const flushAll = async (): Promise<readonly AnswerOutcome[]> => {
    const waiting = (await outbox.pending(FLUSH_STORE_MS)).filter(({ answerId }) => !underWay.has(answerId))
    const outcomes: AnswerOutcome[] = []
    const off = onAnswer((outcome) => outcomes.push(outcome))
    const work = async (): Promise<void> => {
      for (let answer = waiting.shift(); answer !== undefined; answer = waiting.shift()) {
        // A refusal is an outcome; anything else stays for the next time.
        const next = answer
        await markUnderWay(next.answerId, () => send(next, {})).catch(() => undefined)
      }
    }
    await Promise.all(Array.from({ length: MAX_UNDER_WAY }, work))
    off()
    return outcomes
  }

  const onAnswer = (listener: (outcome: AnswerOutcome) => void): (() => void) => {
    const entry = (outcome: AnswerOutcome) => listener(outcome)
    listeners.add(entry)
    return () => void listeners.delete(entry)
  }

  const flush = (): Promise<readonly AnswerOutcome[]> => {
    clearTimeout(again)
    flushing ??= flushAll().finally(async () => {
      flushing = undefined
      const left = (await outbox.pending(FLUSH_STORE_MS)).some(({ answerId }) => !underWay.has(answerId))
      if (left && stream.status === 'open') again = setTimeout(flush, AGAIN_MS * (1 + http.platform.random()))
    })
    return flushing
  }

  stream.onStatus((status) => {
    if (status === 'closed') clearTimeout(again)
    if (status !== 'open') return
    const before = chance
    chance = new AbortController()
    before.abort()
    void flush() // never rejects
  })

  return {
    answer: (questionId, content, options = {}) => {
      const answerId = options.answerId ?? newId()
      const traceparent = traceparentOf(trace)
      const answer = {
        answerId,
        questionId,
        content,
        madeAt: Date.now(),
        ...(traceparent !== undefined && { traceparent }),
      }
      return markUnderWay(answerId, async () => {
        await replaceOlder(questionId, answerId)
        await outbox.add(answer)
        return send(answer, options)
      })
    },
    flush,
    onAnswer,
    discard: async () => {
      clearTimeout(again)
      await outbox.remove((await outbox.pending(FLUSH_STORE_MS)).map(({ answerId }) => answerId))
    },
  }
}

/**
 * True when the server has spoken for good. What stands between us and it may refuse, too, a captive portal for instance;
 * and with a fresh token the same answer may be taken.
 */
const isDecision = (problem: PodiumProblem): boolean =>
  problem.status > 0 && problem.status !== 401 && problem.code !== 'client-protocol' && !isTransient(problem)

export const storeKey = (sessionId: string, playerId: string): string => `podium.answers.${sessionId}.${playerId}`
