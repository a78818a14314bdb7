import type { Answer } from '#gen/answer_pb'
import type { Clock } from '#platform/clock'
import { PodiumError } from '#platform/errors'
import type { PublishOutcome } from '#platform/publisher'
import type { Span } from '#platform/telemetry'
import { findKind, isStoredAnswer } from '../../game/kinds/kinds.ts'
import type {
  AnswerBody,
  AnswerLog,
  PlayerPrincipal,
  Principal,
  QuestionIds,
  SessionReplica,
  SessionReplicas,
} from '../ports.ts'
import { checkMember } from '../sessions/session-access.ts'
import { decideAdmission } from './admission.ts'
import { type AnswerTally, type AnswerTransport, answerAttributes } from './answer-tally.ts'
import { createUsedAnswerIds } from './used-answer-ids.ts'

/** What the API says about an accepted answer. */
export interface AcceptedAnswer {
  readonly answerId: string
  readonly questionId: string
  /** Milliseconds since the epoch: when the answer first arrived. */
  readonly receivedAt: number
}

export interface AnswerInput {
  readonly principal: Principal
  readonly sessionId: string
  /** Gives the body as parsed JSON, not validated yet. Called after the participant check. @throws PodiumError `malformed` */
  readonly body: () => unknown
  readonly transport: AnswerTransport
  /** When it is followed. */
  readonly span?: Span | undefined
}

/** @throws PodiumError with one of the codes of the API's answer rows */
export type AcceptAnswer = (input: AnswerInput) => Promise<AcceptedAnswer>

export interface AcceptAnswerDeps {
  readonly replicas: SessionReplicas
  readonly questionIds: QuestionIds
  readonly answers: AnswerLog
  /** @throws PodiumError `malformed` */
  readonly validate: (body: unknown) => AnswerBody
  /** @throws PodiumError `rate-limited` */
  readonly rate: (playerId: string, now: number) => void
  readonly tally: AnswerTally
  readonly clock: Clock
}

/**
 * Takes an answer once: whether it comes again, over another connection, through another edge or after the question
 * closed, the result is that of the first time. The stream of answers decides, nothing in this process does, but
 * for an answerId that was just used for another question.
 */
export const createAcceptAnswer = (deps: AcceptAnswerDeps): AcceptAnswer => {
  const { replicas, questionIds, answers, validate, rate, tally, clock } = deps
  const usedIds = createUsedAnswerIds()

  const indexOf = async ({ sessionId, state }: SessionReplica, questionId: string): Promise<number> => {
    if (state.question?.questionId === questionId) return state.question.index
    if (state.reveal?.questionId === questionId) return state.reveal.index
    const index = (await questionIds.of(sessionId)).indexOf(questionId)
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
    tally.repeated(transport)
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
    tally.accepted(attempt.transport, attempt.arrivedAt, clock.monotonic(), attempt.span)
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
  return (input) => {
    try {
      const { principal, sessionId, body, transport, span } = input
      const arrivedAt = clock.monotonic()
      const player = participant(principal, sessionId)
      rate(player.playerId, arrivedAt)
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

const situationOf = ({ state, internal, opensAtMonotonic }: SessionReplica) => {
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
