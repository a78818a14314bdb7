import { LRUCache } from 'lru-cache'
import type { Answer } from '#gen/answer_pb'
import type { Clock } from '#platform/clock'
import { METRICS, SESSION_ID } from '#platform/contract/names'
import { PodiumError } from '#platform/errors'
import type { PublishOutcome } from '#platform/publisher'
import { createRates, type RatePolicy } from '#platform/rates'
import type { Metrics, Span } from '#platform/telemetry'
import type { Counter } from '#platform/telemetry/metrics'
import type { PlayerPrincipal, Principal } from '#platform/tokens/token-verifier'
import type { AnswerFields } from '../../game/kinds/kind.ts'
import { findKind, isStoredAnswer } from '../../game/kinds/kinds.ts'
import { checkMember } from '../auth/authentication.ts'
import type { SessionReplica } from '../sessions/session-replica.ts'
import type { SessionReplicas } from '../sessions/session-replicas.ts'
import type { AnswerLog } from './answer-log.ts'

/** A sound request body of an answer; whether it fits the question is decided later. */
export interface AnswerBody extends AnswerFields {
  readonly answerId: string
  readonly questionId: string
}

/** What the API says about an accepted answer. */
export interface AcceptedAnswer {
  readonly answerId: string
  readonly questionId: string
  /** Milliseconds since the epoch: when the answer first arrived. */
  readonly receivedAt: number
}

interface AnswerInput {
  readonly principal: Principal
  readonly sessionId: string
  /** Gives the body as parsed JSON, not validated yet. Called after the participant check. @throws PodiumError `malformed` */
  readonly body: () => unknown
  readonly transport: AnswerTransport
  /** When it is sampled. */
  readonly span?: Span | undefined
}

export type AcceptAnswer = ReturnType<typeof createAcceptAnswer>

/**
 * Takes an answer once: whether it comes again, over another connection, through another edge or after the question
 * closed, the result is that of the first time. The stream of answers decides, nothing in this process does, but
 * for an answerId that was just used for another question.
 */
export const createAcceptAnswer = (deps: {
  readonly replicas: SessionReplicas
  /** In the order of play. */
  readonly questionIds: (sessionId: string) => Promise<readonly string[]>
  readonly answers: AnswerLog
  /** @throws PodiumError `malformed` */
  readonly validate: (body: unknown) => AnswerBody
  /** Answers of one player. */
  readonly rate: RatePolicy
  readonly counters: AnswerCounters
  readonly clock: Clock
}) => {
  const { replicas, questionIds, answers, validate, counters, clock } = deps
  const rates = createRates({ name: 'answers', policy: deps.rate })
  const usedIds = createUsedAnswerIds()

  const indexOf = async ({ sessionId, state }: SessionReplica, questionId: string): Promise<number> => {
    if (state.question?.questionId === questionId) return state.question.index
    if (state.reveal?.questionId === questionId) return state.reveal.index
    const index = (await questionIds(sessionId)).indexOf(questionId)
    if (index < 0) throw new PodiumError('question-not-in-quiz')
    return index
  }

  /** Not in time, or at least not to the question that is open: what counts is what was stored before, if anything. */
  const refuse = async (attempt: Attempt, body: AnswerBody, replica: SessionReplica): Promise<AcceptedAnswer> => {
    const { arrivedAt } = attempt
    const questionIndex = await indexOf(replica, body.questionId)
    const admission = decideAdmission(situationOf(replica), questionIndex, arrivedAt)
    if (admission.kind === 'admitted') return take(attempt, replica) // it was opened meanwhile
    const stored = await answers.find(replica.sessionId, questionIndex, attempt.player.playerId)
    if (stored === undefined) throw new PodiumError(admission.code)
    return repeated(attempt, stored, body, kindOf(replica, body.questionId))
  }

  const repeated = (
    { transport }: Attempt,
    stored: Answer,
    body: AnswerBody,
    kind: string | undefined,
  ): AcceptedAnswer => {
    const same = sameAnswer(stored, body, kind)
    counters.repeated(transport)
    return same
  }

  const result = (
    attempt: Attempt,
    answer: Answer,
    body: AnswerBody,
    kind: string,
    outcome: PublishOutcome,
  ): AcceptedAnswer | Promise<AcceptedAnswer> => {
    const { sessionId, questionIndex, playerId, answerId, questionId, receivedAtMs } = answer
    if (outcome.kind !== 'stored') {
      return present(answers.find(sessionId, questionIndex, playerId)).then((stored) =>
        repeated(attempt, stored, body, kind),
      )
    }
    counters.accepted(attempt.transport, attempt.arrivedAt, clock.monotonic(), attempt.span)
    usedIds.note(playerId, answerId, questionIndex)
    return { answerId, questionId, receivedAt: receivedAtMs }
  }

  const take = (attempt: Attempt, replica: SessionReplica | undefined): Promise<AcceptedAnswer> => {
    const { player, arrivedAt, receivedAtMs } = attempt
    if (replica === undefined) throw new PodiumError('not-a-participant')
    checkMember(player, replica, 'answer.submit')
    const body = validate(attempt.body())
    const { question } = replica.state
    if (question?.questionId !== body.questionId) return refuse(attempt, body, replica)
    const admission = decideAdmission(situationOf(replica), question.index, arrivedAt)
    if (admission.kind === 'refused') return refuse(attempt, body, replica)
    const content = findKind(question.kind)?.answerOf(body, question.options.length)
    if (content === undefined) throw new PodiumError('answer-invalid')
    usedIds.check(player.playerId, body.answerId, question.index)
    const { choices, text } = content
    const answer: Answer = {
      $typeName: 'podium.v1.Answer',
      answerId: body.answerId,
      sessionId: replica.sessionId,
      questionId: body.questionId,
      questionIndex: question.index,
      playerId: player.playerId,
      joinOrder: player.joinOrder,
      choices: choices as number[],
      ...(text !== undefined && { text }),
      receivedAtMs,
      elapsedMs: admission.elapsedMs,
    }
    const { span } = attempt
    span?.set(answerAttributes(answer))
    return answers.append(answer, span).then((outcome) => result(attempt, answer, body, question.kind, outcome))
  }

  // One promise for an answer that is in order: the one for the PubAck.
  /** @throws PodiumError with one of the codes of the API's answer rows */
  return (input: AnswerInput): Promise<AcceptedAnswer> => {
    try {
      const { principal, sessionId, body, transport, span } = input
      const arrivedAt = clock.monotonic()
      const player = participant(principal, sessionId)
      rates.take(player.playerId, arrivedAt)
      const attempt = { player, body, transport, span, arrivedAt, receivedAtMs: clock.now() }
      const replica = replicas.ready(sessionId)
      if (replica !== undefined) return take(attempt, replica)
      return replicas.get(sessionId).then((loaded) => take(attempt, loaded))
    } catch (err) {
      return Promise.reject(err)
    }
  }
}

interface Attempt {
  readonly player: PlayerPrincipal
  readonly body: () => unknown
  readonly transport: AnswerTransport
  readonly span: Span | undefined
  readonly arrivedAt: number
  readonly receivedAtMs: number
}

const participant = (principal: Principal, sessionId: string): PlayerPrincipal => {
  if (principal.kind !== 'player' || principal.sessionId !== sessionId) throw new PodiumError('not-a-participant')
  return principal
}

/** What was stored a moment ago and cannot be read now: the answer is safe, only the result is not known yet. */
const present = async (found: Promise<Answer | undefined>): Promise<Answer> => {
  const answer = await found
  if (answer === undefined) throw new PodiumError('unavailable', { cause: new Error('the stored answer is gone') })
  return answer
}

/** The first result, if this is the answer that is stored. */
const sameAnswer = (stored: Answer, body: AnswerBody, kind: string | undefined): AcceptedAnswer => {
  if (stored.answerId !== body.answerId) throw new PodiumError('already-answered')
  const isSame = stored.questionId === body.questionId && isStoredAnswer(stored, body, kind)
  if (!isSame) throw new PodiumError('answer-id-reused')
  return { answerId: stored.answerId, questionId: stored.questionId, receivedAt: stored.receivedAtMs }
}

/** Undefined for a question that was neither the latest to open nor the latest to close. */
const kindOf = ({ state: { question, reveal } }: SessionReplica, questionId: string): string | undefined =>
  [question, reveal].find((known) => known?.questionId === questionId)?.kind

const situationOf = ({ state, internal, opensAtMonotonic }: SessionReplica): Situation => {
  const { status, question, reveal } = state
  return {
    status,
    open:
      question === undefined || opensAtMonotonic === undefined
        ? undefined
        : {
            index: question.index,
            opensAt: opensAtMonotonic,
            durationMs: question.closesAtMs - question.opensAtMs,
            timeLimitMs: question.timeLimitMs,
            elapsedBeforeMs: question.elapsedBeforeMs,
          },
    lastClosed: reveal?.index,
    admitsAnswers: internal.admitsAnswers,
  }
}

/** The question that is open, or was when the session was paused. */
interface OpenQuestion {
  readonly index: number
  /** Monotonic milliseconds at which it opened, or will, for the players of this edge. */
  readonly opensAt: number
  /** How long it stays open; less than the limit after a pause. */
  readonly durationMs: number
  /** Full answering time. */
  readonly timeLimitMs: number
  /** Answering time that passed before a pause. */
  readonly elapsedBeforeMs: number
}

export interface Situation {
  readonly status: string
  readonly open: OpenQuestion | undefined
  /** Index of the question that closed last. */
  readonly lastClosed: number | undefined
  /** False from the moment the host, the clock or the last answer closes the question. */
  readonly admitsAnswers: boolean
}

type Refusal = 'question-not-open' | 'question-closed' | 'session-paused'

type Admission =
  | { readonly kind: 'admitted'; readonly elapsedMs: number }
  | { readonly kind: 'refused'; readonly code: Refusal }

const refused = (code: Refusal): Admission => ({ kind: 'refused', code })

/**
 * May an answer to a question be taken now? Decided from what the edge knows of the session and the edge's own clock; the
 * client's clock plays no part. `now`: monotonic milliseconds at which the answer arrived.
 */
export const decideAdmission = (situation: Situation, questionIndex: number, now: number): Admission => {
  const { status, open, admitsAnswers } = situation
  if (status === 'finished' || status === 'cancelled') return refused('question-closed')
  if (isPast(situation, questionIndex)) return refused('question-closed')
  if (status === 'paused') return refused('session-paused')
  if (status !== 'question_open' || open === undefined || open.index !== questionIndex)
    return refused('question-not-open')
  const sinceOpening = now - open.opensAt
  if (!admitsAnswers || sinceOpening > open.durationMs) return refused('question-closed')
  if (sinceOpening < 0) return refused('question-not-open')
  const elapsed = Math.round(open.elapsedBeforeMs + sinceOpening)
  return { kind: 'admitted', elapsedMs: Math.min(Math.max(elapsed, 0), open.timeLimitMs) }
}

const isPast = ({ open, lastClosed }: Situation, index: number): boolean =>
  (lastClosed !== undefined && index <= lastClosed) || (open !== undefined && index < open.index)

interface Used {
  readonly answerId: string
  readonly questionIndex: number
}

const MAX_PLAYERS = 100_000

/**
 * Notices a client that gives answers to different questions the same answerId. A courtesy to its developers, not a promise:
 * only the latest answer of a player in this process is known, and what is missed is just another answer.
 */
export const createUsedAnswerIds = () => {
  const latest = new LRUCache<string, Used>({ max: MAX_PLAYERS })
  return {
    /** @throws PodiumError `answer-id-reused` */
    check: (playerId: string, answerId: string, questionIndex: number): void => {
      const used = latest.get(playerId)
      if (used?.answerId === answerId && used.questionIndex !== questionIndex) throw new PodiumError('answer-id-reused')
    },
    /** The answer was accepted. */
    note: (playerId: string, answerId: string, questionIndex: number): void => {
      latest.set(playerId, { answerId, questionIndex })
    },
  }
}

export type AnswerTransport = 'http' | 'ws'

export type AnswerCounters = ReturnType<typeof createAnswerCounters>

/** Counts answers by their outcome. */
export const createAnswerCounters = (metrics: Metrics) => {
  const of = (transport: AnswerTransport) => ({
    accepted: metrics.counter(METRICS.answers, transport, 'accepted'),
    repeated: metrics.counter(METRICS.answers, transport, 'repeated'),
    duration: metrics.histogram(METRICS.answerAccepted, transport),
    refused: new Map<string, Counter>(),
  })
  const counters = { http: of('http'), ws: of('ws') }
  return {
    /** For the first time. `arrivedAt` and `now`: monotonic milliseconds. */
    accepted: (transport: AnswerTransport, arrivedAt: number, now: number, span: Span | undefined): void => {
      const { accepted, duration } = counters[transport]
      accepted.add()
      duration.record((now - arrivedAt) / 1_000, 1, span?.traceId)
    },
    /** It had been accepted before. */
    repeated: (transport: AnswerTransport): void => counters[transport].repeated.add(),
    refused: (transport: AnswerTransport, error: unknown): void => {
      const code = error instanceof PodiumError ? error.code : 'internal'
      const { refused } = counters[transport]
      const counter = refused.get(code) ?? metrics.counter(METRICS.answers, transport, code)
      refused.set(code, counter)
      counter.add()
    },
  }
}

/** By which a recorded answer is found. */
export const answerAttributes = ({ answerId, sessionId, questionIndex }: Answer) => ({
  'podium.answer.id': answerId,
  [SESSION_ID]: sessionId,
  'podium.question.index': questionIndex,
})
