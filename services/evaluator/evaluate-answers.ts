import { PodiumError } from '#platform/errors'
import { failpoint } from '#platform/failpoint'
import type {
  AcceptedAnswer,
  EvaluatedAnswer,
  Evaluations,
  KeyStore,
  SessionEvaluations,
  SessionKeys,
} from './ports.ts'

/** `evaluated`; `unavailable`, to be tried again; or the reason why an answer can never be, for the dead letters. */
export type Outcome = 'evaluated' | 'unavailable' | Fault
type Fault = 'unknown-session' | 'unknown-question' | 'question-mismatch' | 'unusable-key'

export interface EvaluateAnswersDeps {
  readonly keys: KeyStore
  readonly evaluations: Evaluations
}

/**
 * Evaluates answers and publishes them together. The outcomes are in the order of the answers. May be
 * repeated with the same answers at any time.
 * @throws PodiumError `unavailable` when nothing could be evaluated because the keys are out of reach, or when not
 * everything could be published.
 */
export const createEvaluateAnswers =
  ({ keys, evaluations }: EvaluateAnswersDeps) =>
  async (answers: readonly AcceptedAnswer[]): Promise<readonly Outcome[]> => {
    const outcomes: Outcome[] = answers.map(() => 'unavailable')
    const bySession = groupBySession(answers)
    const known = await keys.load([...bySession.keys()])
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
    if (evaluated.length > 0) await evaluations.publish(evaluated)
    failpoint('evaluator.after-publish')
    if (answers.length > 0 && outcomes.every((outcome) => outcome === 'unavailable')) {
      throw new PodiumError('unavailable', { cause: new Error('the keys are out of reach') })
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
