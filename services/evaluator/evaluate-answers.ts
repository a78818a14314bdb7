import { PodiumError } from '#platform/errors'
import { failpoint } from '#platform/failpoint'
import type { Span } from '#platform/telemetry'
import type { AnswerContent, Credit, Evaluate } from '../game/kinds/kind.ts'
import type { SessionRule } from '../game/scoring/totals.ts'

/** An answer that an edge has accepted. */
export interface AcceptedAnswer extends AnswerContent {
  readonly answerId: string
  readonly sessionId: string
  readonly questionId: string
  readonly questionIndex: number
  readonly playerId: string
  readonly joinOrder: number
  /** Milliseconds since the Unix epoch. */
  readonly receivedAtMs: number
  readonly elapsedMs: number
  /** When it is traced. */
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

export interface EvaluatedAnswer {
  readonly answer: AcceptedAnswer
  readonly question: QuestionKey
  readonly credit: Credit
}

export interface SessionEvaluations {
  readonly sessionId: string
  readonly keys: SessionKeys
  readonly answers: readonly EvaluatedAnswer[]
}

/**
 * Publishes the evaluations of one batch, one element per session. Repeats and any order are harmless: the ledger counts an
 * answer once. Resolves when they are stored.
 * @throws PodiumError `unavailable`.
 */
export type PublishEvaluations = (evaluations: readonly SessionEvaluations[]) => Promise<void>

/** `evaluated`; `unavailable`, to be tried again; or the reason why an answer never can be, for the dead letters. */
export type Outcome = 'evaluated' | 'unavailable' | Fault
type Fault = 'unknown-session' | 'unknown-question' | 'question-mismatch' | 'unusable-key'

/**
 * Evaluates answers and publishes them together. The outcomes are in the order of the answers. May be
 * repeated with the same answers at any time.
 * @throws PodiumError `unavailable` when nothing could be evaluated because the keys are unavailable, or when not
 * everything could be published.
 */
export const createEvaluateAnswers =
  (load: LoadKeys, publish: PublishEvaluations) =>
  async (answers: readonly AcceptedAnswer[]): Promise<readonly Outcome[]> => {
    const outcomes: Outcome[] = answers.map(() => 'unavailable')
    const bySession = groupBySession(answers)
    const known = await load([...bySession.keys()])
    const evaluated: SessionEvaluations[] = []
    for (const [sessionId, places] of bySession) {
      const session = known.get(sessionId) ?? 'unavailable'
      if (typeof session === 'string') {
        for (const { place } of places) outcomes[place] = session
        continue
      }
      const ofSession = evaluateAll(places, session, outcomes)
      if (ofSession.length > 0) evaluated.push({ sessionId, keys: session, answers: ofSession })
    }
    if (evaluated.length > 0) await publish(evaluated)
    failpoint('evaluator.after-publish')
    if (answers.length > 0 && outcomes.every((outcome) => outcome === 'unavailable')) {
      throw new PodiumError('unavailable', { cause: new Error('no keys could be read') })
    }
    return outcomes
  }

interface Placed {
  readonly place: number
  readonly answer: AcceptedAnswer
}

const groupBySession = (answers: readonly AcceptedAnswer[]): ReadonlyMap<string, readonly Placed[]> => {
  const groups = new Map<string, Placed[]>()
  for (const [place, answer] of answers.entries()) {
    const group = groups.get(answer.sessionId)
    if (group === undefined) groups.set(answer.sessionId, [{ place, answer }])
    else group.push({ place, answer })
  }
  return groups
}

const evaluateAll = (places: readonly Placed[], session: SessionKeys, outcomes: Outcome[]): EvaluatedAnswer[] => {
  const evaluated: EvaluatedAnswer[] = []
  for (const { place, answer } of places) {
    const result = evaluate(answer, session)
    if (typeof result === 'string') {
      outcomes[place] = result
    } else {
      outcomes[place] = 'evaluated'
      evaluated.push(result)
    }
  }
  return evaluated
}

const evaluate = (answer: AcceptedAnswer, { questions }: SessionKeys): EvaluatedAnswer | Fault => {
  const question = questions[answer.questionIndex]
  if (question === undefined) return 'unknown-question'
  if (question.questionId !== answer.questionId) return 'question-mismatch'
  if (question.evaluate === undefined) return 'unusable-key'
  return { answer, question, credit: question.evaluate(answer) }
}
