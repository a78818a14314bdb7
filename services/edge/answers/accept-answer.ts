import { LRUCache } from 'lru-cache'
import type { RecordedAnswer } from '#gen/command_pb'
import type { Clock } from '#platform/clock'
import { METRICS, SESSION_ID } from '#platform/contract/names'
import { PodiumError } from '#platform/errors'
import { createRates, type RatePolicy } from '#platform/rates'
import type { Metrics, Span } from '#platform/telemetry'
import type { Counter } from '#platform/telemetry/metrics'
import type { PlayerPrincipal, Principal } from '#platform/tokens/token-verifier'
import type { AnswerContent, AnswerFields } from '../../game/kinds/kind.ts'
import { findKind, isStoredAnswer } from '../../game/kinds/kinds.ts'
import { checkMember } from '../auth/authentication.ts'
import type { SessionReplica } from '../sessions/session-replica.ts'
import type { SessionReplicas } from '../sessions/session-replicas.ts'
import type { NetworkDelays } from '../streams/round-trips.ts'
import { decideAdmission, situationOf } from './admission.ts'
import type { AnswerBatches, OwnAnswer } from './answer-batches.ts'
import type { AnswerRegisters, KnownAnswer, QuestionRegister } from './register.ts'

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
 * closed, the result is that of the first time. The register of the question decides, and what it does not know, the ledger;
 * an outcome that neither knows for certain is 503, never a refusal.
 */
export const createAcceptAnswer = (deps: {
  readonly replicas: Pick<SessionReplicas, 'get' | 'ready'>
  /** In the order of play. */
  readonly questionIds: (sessionId: string) => Promise<readonly string[]>
  readonly registers: AnswerRegisters
  readonly batches: AnswerBatches
  readonly delays: Pick<NetworkDelays, 'delayMs'>
  /** @throws PodiumError `malformed` */
  readonly validate: (body: unknown) => AnswerBody
  /** Answers of one player. */
  readonly rate: RatePolicy
  readonly counters: AnswerCounters
  readonly clock: Clock
}) => {
  const { replicas, questionIds, registers, batches, delays, validate, counters, clock } = deps
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
    const { arrivedAt, player } = attempt
    const { sessionId } = replica
    const { questionId } = body
    const questionIndex = await indexOf(replica, questionId)
    const situation = situationOf(replica)
    const admission = decideAdmission(situation, questionIndex, arrivedAt)
    if (admission.kind === 'admitted') return take(attempt, replica) // it was opened meanwhile
    const register = registers.find(sessionId, questionId)
    const known = register?.answers.get(player.playerId)
    if (register !== undefined && known !== undefined) return decideKnown(attempt, body, replica, register, known)
    const { open } = situation
    const isResumed = open?.index === questionIndex && open.elapsedBeforeMs > 0
    const hasBeenOpen = admission.code !== 'question-not-open' || isResumed
    const counted = hasBeenOpen
      ? await registers.lookUp({ sessionId, questionId, questionIndex }, player.playerId)
      : undefined
    if (counted === undefined) throw mayBeExtended(admission.code, replica, register) ?? new PodiumError(admission.code)
    return repeated(attempt, counted, body, kindOf(replica, questionId))
  }

  const repeated = (
    { transport }: Attempt,
    stored: StoredAnswer,
    body: AnswerBody,
    kind: string | undefined,
  ): AcceptedAnswer => {
    const same = sameAnswer(stored, body, kind)
    counters.repeated(transport)
    return same
  }

  /** The player has answered this question before, or tried to. */
  const decideKnown = async (
    attempt: Attempt,
    body: AnswerBody,
    replica: SessionReplica,
    register: QuestionRegister,
    known: KnownAnswer,
  ): Promise<AcceptedAnswer> => {
    const { player, arrivedAt } = attempt
    const kind = kindOf(replica, body.questionId)
    if (known.state === 'pending') {
      await known.stored
      return decideKnown(attempt, body, replica, register, register.answers.get(player.playerId) ?? known)
    }
    if (known.state === 'accepted') return repeated(attempt, known, body, kind)
    if (known.state === 'counted' && known.answerId !== body.answerId) throw new PodiumError('already-answered')
    const isOpen = decideAdmission(situationOf(replica), register.questionIndex, arrivedAt).kind === 'admitted'
    // It was admitted in time and is the same to the millisecond; should both be stored, one of them counts.
    if (known.state === 'unknown' && isOpen && isSame(known, body, kind)) return publish(attempt, register, known)
    const counted = await registers.lookUp(register, player.playerId)
    if (counted !== undefined) return repeated(attempt, counted, body, kind)
    if (known.state === 'counted') throw new PodiumError('unavailable', { cause: new Error('an answer is gone') })
    return take(attempt, replica)
  }

  const publish = (attempt: Attempt, question: QuestionRegister, answer: OwnAnswer): Promise<AcceptedAnswer> =>
    batches.append(question, answer, attempt.span).then(
      () => {
        const { playerId, answerId, receivedAtMs } = answer
        counters.accepted(attempt.transport, attempt.arrivedAt, clock.monotonic(), attempt.span)
        usedIds.note(playerId, answerId, question.questionIndex)
        return { answerId, questionId: question.questionId, receivedAt: receivedAtMs }
      },
      (err) => {
        question.hadOutage ||= answer.state === 'unknown'
        throw err
      },
    )

  const take = (attempt: Attempt, replica: SessionReplica | undefined): Promise<AcceptedAnswer> => {
    const { player, arrivedAt, receivedAtMs } = attempt
    if (replica === undefined) throw new PodiumError('not-a-participant')
    checkMember(player, replica, 'answer.submit')
    attempt.parsed ??= validate(attempt.body())
    const body = attempt.parsed
    const { question } = replica.state
    if (question?.questionId !== body.questionId) return refuse(attempt, body, replica)
    const admission = decideAdmission(situationOf(replica), question.index, arrivedAt)
    if (admission.kind === 'refused') return refuse(attempt, body, replica)
    const content = findKind(question.kind)?.answerOf(body, question.options.length)
    if (content === undefined) throw new PodiumError('answer-invalid')
    usedIds.check(player.playerId, body.answerId, question.index)
    const register = registers.current(replica)
    if (register === undefined) throw new PodiumError('unavailable', { cause: new Error('no register') })
    const known = register.answers.get(player.playerId)
    if (known !== undefined) return decideKnown(attempt, body, replica, register, known)
    if (!register.isComplete) return registers.load(register).then(() => takeLater(attempt, replica))
    const { choices, text } = content
    const answer: OwnAnswer = {
      answerId: body.answerId,
      playerId: player.playerId,
      joinOrder: player.joinOrder,
      choices,
      ...(text !== undefined && { text }),
      receivedAtMs,
      elapsedMs: admission.elapsedMs,
      delayMs: delays.delayMs(player.playerId, replica.opensAtMonotonic ?? 0),
      state: 'pending',
      stored: undefined,
    }
    const { span } = attempt
    span?.set({ ...answerAttributes(replica.sessionId, question.index, answer.answerId) })
    const accepted = publish(attempt, register, answer)
    // Not before: what is refused at once was not published.
    if (answer.stored !== undefined) register.answers.set(player.playerId, answer)
    return accepted
  }

  /** After a wait, in which the question may have closed for good: what arrived in time must also be stored in time. */
  const takeLater = (attempt: Attempt, replica: SessionReplica): Promise<AcceptedAnswer> => {
    const { question } = replica.state
    const isOpen =
      question !== undefined &&
      decideAdmission(situationOf(replica), question.index, clock.monotonic()).kind === 'admitted'
    if (!isOpen) attempt.arrivedAt = clock.monotonic()
    return take(attempt, replica)
  }

  // One promise for an answer that is in order, besides the one of its batch.
  /** @throws PodiumError with one of the codes of the API's answer rows */
  return (input: AnswerInput): Promise<AcceptedAnswer> => {
    try {
      const { principal, sessionId, body, transport, span } = input
      const arrivedAt = clock.monotonic()
      const player = participant(principal, sessionId)
      rates.take(player.playerId, arrivedAt)
      const attempt = { player, body, parsed: undefined, transport, span, arrivedAt, receivedAtMs: clock.now() }
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
  parsed: AnswerBody | undefined
  readonly transport: AnswerTransport
  readonly span: Span | undefined
  arrivedAt: number
  readonly receivedAtMs: number
}

type StoredAnswer = AnswerContent & Pick<RecordedAnswer, 'answerId' | 'receivedAtMs'>

const participant = (principal: Principal, sessionId: string): PlayerPrincipal => {
  if (principal.kind === 'display') throw new PodiumError('forbidden')
  if (principal.kind !== 'player' || principal.sessionId !== sessionId) throw new PodiumError('not-a-participant')
  return principal
}

const isSame = (stored: StoredAnswer, body: AnswerBody, kind: string | undefined): boolean =>
  stored.answerId === body.answerId && isStoredAnswer(stored, body, kind)

/** The first result, if this is the answer that is stored. */
const sameAnswer = (stored: StoredAnswer, body: AnswerBody, kind: string | undefined): AcceptedAnswer => {
  if (stored.answerId !== body.answerId) throw new PodiumError('already-answered')
  if (!isSame(stored, body, kind)) throw new PodiumError('answer-id-reused')
  return { answerId: stored.answerId, questionId: body.questionId, receivedAt: stored.receivedAtMs }
}

/** Closed by this edge's clock alone, after an outage, a question may yet be given the time that was lost. */
const mayBeExtended = (
  code: string,
  { state, internal }: SessionReplica,
  register: QuestionRegister | undefined,
): PodiumError | undefined =>
  code === 'question-closed' &&
  register?.hadOutage === true &&
  internal.admitsAnswers &&
  state.question?.questionId === register.questionId
    ? new PodiumError('unavailable', { cause: new Error('the question may be extended') })
    : undefined

/** Undefined for a question that was neither the latest to open nor the latest to close. */
const kindOf = ({ state: { question, reveal } }: SessionReplica, questionId: string): string | undefined =>
  [question, reveal].find((known) => known?.questionId === questionId)?.kind

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
const answerAttributes = (sessionId: string, questionIndex: number, answerId: string) => ({
  'podium.answer.id': answerId,
  [SESSION_ID]: sessionId,
  'podium.question.index': questionIndex,
})
