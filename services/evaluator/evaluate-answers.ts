import type { Answer as AnswerMessage } from '#gen/answer_pb'
import type { Evaluation, EvaluationBatch, ScoringRule } from '#gen/evaluation_pb'
import type { Fields } from '#platform/contract/codec/wire'
import { PodiumError } from '#platform/errors'
import { failpoint } from '#platform/failpoint'
import type { Span } from '#platform/telemetry'
import type { Credit, Evaluate } from '../game/kinds/kind.ts'
import type { Rule } from '../game/scoring/rule.ts'
import { createRuleBook, RULES } from '../game/scoring/rules.ts'
import type { SessionRule } from '../game/scoring/totals.ts'

export type Answer = Fields<AnswerMessage>

/** Answers to one question that an edge has accepted. */
export interface AcceptedAnswers {
  readonly sessionId: string
  readonly questionId: string
  readonly questionIndex: number
  readonly answers: readonly Answer[]
  /** Those that are traced. */
  readonly span?: Span | undefined
}

/** One question of a session, ready for its answers. */
export interface QuestionKey {
  readonly index: number
  readonly questionId: string
  readonly points: number
  readonly timeLimitMs: number
  /** Undefined when the stored key cannot be used. */
  readonly evaluate: Evaluate | undefined
}

export interface SessionKeys {
  /** Element i is question i. */
  readonly questions: readonly QuestionKey[]
  readonly rule: SessionRule
}

/** A session's keys, or that there is no such session, or that the store is unavailable. */
export type KeysOutcome = SessionKeys | 'unknown-session' | 'unavailable'

/** One outcome for each of the sessions; reading changes nothing. */
export type LoadKeys = (sessionIds: readonly string[]) => Promise<ReadonlyMap<string, KeysOutcome>>

/** The evaluations of one session, with every input of its rule. */
export interface SessionEvaluations extends Omit<Fields<EvaluationBatch>, 'rule'> {
  readonly rule: Fields<ScoringRule>
  /** Of the messages that are traced. */
  readonly spans: readonly Span[]
}

/** An evaluation that can never be scored, and why. */
export interface Refused {
  readonly sessionId: string
  readonly evaluation: Fields<Evaluation>
  readonly reason: string
}

/**
 * Hands evaluations on, each session once. Repeats and any order are harmless: the ledger counts an answer once.
 * Resolves when that is durable, with those that can never be scored as far as that is known.
 * @throws PodiumError `unavailable`.
 */
export type HandOn = (evaluations: readonly SessionEvaluations[]) => Promise<readonly Refused[]>

/** An answer that can never be evaluated or scored, for the dead letters. */
export interface RejectedAnswer {
  readonly from: AcceptedAnswers
  readonly answer: Answer
  readonly reason: string
}

export interface Outcome {
  readonly rejected: readonly RejectedAnswer[]
  /** Not evaluated, to be tried again. */
  readonly unavailable: ReadonlySet<AcceptedAnswers>
}

/**
 * Evaluates answers, each by itself, and hands them on together. May be repeated with the same answers at any time.
 * @throws PodiumError `unavailable` when nothing could be evaluated because the keys are unavailable, or when not
 * everything could be handed on.
 */
export const createEvaluateAnswers =
  (load: LoadKeys, handOn: HandOn) =>
  async (accepted: readonly AcceptedAnswers[]): Promise<Outcome> => {
    const rejected: RejectedAnswer[] = []
    const unavailable = new Set<AcceptedAnswers>()
    const drafts = new Map<string, Draft>()
    const known = await load([...new Set(accepted.map(({ sessionId }) => sessionId))])
    for (const from of accepted) {
      const keys = known.get(from.sessionId) ?? 'unavailable'
      if (keys === 'unavailable') {
        unavailable.add(from)
        continue
      }
      const question = keys === 'unknown-session' ? keys : questionOf(from, keys)
      if (keys === 'unknown-session' || typeof question === 'string') {
        const reason = String(question)
        for (const answer of from.answers) rejected.push({ from, answer, reason })
        continue
      }
      const rule = ruleOf(keys.rule.name, keys.rule.version)
      const { evaluations } = draftOf(drafts, from, keys, question)
      for (const answer of from.answers) {
        const credit = creditOf(answer, question)
        if (credit === undefined) rejected.push({ from, answer, reason: 'unexpected-error' })
        else evaluations.push(toEvaluation(answer, question, credit, rule))
      }
    }
    if (accepted.length > 0 && unavailable.size === accepted.length) {
      throw new PodiumError('unavailable', { cause: new Error('no keys could be read') })
    }
    const batches = [...drafts.values()].filter(({ evaluations }) => evaluations.length > 0)
    const refused = batches.length === 0 ? [] : await handOn(batches)
    failpoint('evaluator.after-publish')
    for (const each of refused) rejected.push(...originOf(each, accepted))
    return { rejected, unavailable }
  }

const questionOf = ({ questionIndex, questionId }: AcceptedAnswers, { questions }: SessionKeys) => {
  const question = questions[questionIndex]
  if (question === undefined) return 'unknown-question'
  if (question.questionId !== questionId) return 'question-mismatch'
  return question.evaluate === undefined ? 'unusable-key' : { ...question, evaluate: question.evaluate }
}

/** Undefined when this answer makes the rule throw: it must not take the others of its message with it. */
const creditOf = (answer: Answer, { evaluate }: { readonly evaluate: Evaluate }): Credit | undefined => {
  try {
    return evaluate(answer)
  } catch {
    return undefined
  }
}

interface Draft extends SessionEvaluations {
  readonly questions: QuestionKey[]
  readonly evaluations: Fields<Evaluation>[]
  readonly spans: Span[]
}

const draftOf = (
  drafts: Map<string, Draft>,
  { sessionId, span }: AcceptedAnswers,
  { rule, questions: { length: questionCount } }: SessionKeys,
  question: QuestionKey,
): Draft => {
  const draft = drafts.get(sessionId) ?? {
    sessionId,
    questionCount,
    rule: { ...rule, unscored: rule.unscored ?? [] },
    questions: [],
    evaluations: [],
    spans: [],
  }
  drafts.set(sessionId, draft)
  if (draft.questions.every(({ index }) => index !== question.index)) draft.questions.push(question)
  if (span !== undefined) draft.spans.push(span)
  return draft
}

const ruleOf = createRuleBook(RULES)

const toEvaluation = (
  answer: Answer,
  { index, timeLimitMs }: QuestionKey,
  credit: Credit,
  rule: Rule | undefined,
): Fields<Evaluation> => ({
  answerId: answer.answerId,
  playerId: answer.playerId,
  joinOrder: answer.joinOrder,
  questionIndex: index,
  creditNumerator: credit.numerator,
  creditDenominator: credit.denominator,
  // The edge keeps to the limit; no clock may make an answer worth less than a right one at the last moment.
  elapsedMs: Math.min(rule?.counted(answer.elapsedMs, answer.delayMs) ?? answer.elapsedMs, timeLimitMs),
  delayMs: answer.delayMs,
  receivedAtMs: answer.receivedAtMs,
  choices: answer.choices,
  ...(answer.text !== undefined && { text: answer.text }),
})

/** The answers that became this evaluation. */
const originOf = (
  { sessionId, evaluation, reason }: Refused,
  accepted: readonly AcceptedAnswers[],
): readonly RejectedAnswer[] => {
  const { playerId, answerId, questionIndex } = evaluation
  return accepted
    .filter((from) => from.sessionId === sessionId && from.questionIndex === questionIndex)
    .flatMap((from) =>
      from.answers
        .filter((answer) => answer.playerId === playerId && answer.answerId === answerId)
        .map((answer) => ({ from, answer, reason })),
    )
}
