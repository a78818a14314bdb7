import { failpoint } from '#platform/failpoint'
import type { Rule } from '../game/scoring/rule.ts'
import type { RuleBook } from '../game/scoring/rule-book.ts'
import type { Entry, EvaluatedBatch, Ledger, Scores, Term } from './ports.ts'
import { recordAll } from './record-all.ts'
import { toSessionScores } from './session-scores.ts'

/** `scored`, or the reason why a batch can never be, for the dead letters. */
export type Outcome = 'scored' | 'unknown-rule' | 'refused-by-ledger'

export interface ScoreAnswersDeps {
  readonly ledger: Ledger
  readonly scores: Scores
  readonly ruleOf: RuleBook
}

/**
 * Scores batches: points by their rules, then one write to the ledger for all of them, then their scores. The
 * outcomes are in the order of the batches. May be repeated with the same or overlapping batches at any time.
 * @throws PodiumError `unavailable`; some of it may have happened.
 */
export const createScoreAnswers =
  ({ ledger, scores, ruleOf }: ScoreAnswersDeps) =>
  async (batches: readonly EvaluatedBatch[]): Promise<readonly Outcome[]> => {
    const entries = batches.map((batch) => toEntries(batch, ruleOf(batch.rule.name, batch.rule.version)))
    const { parts, refused } = await recordAll(
      ledger,
      entries.flatMap((ofBatch) => ofBatch ?? []),
    )
    failpoint('scorer.after-commit')
    await scores.publish(toSessionScores(parts, ruleOf))
    return entries.map((ofBatch) => {
      if (ofBatch === undefined) return 'unknown-rule'
      return refused.size > 0 && ofBatch.some((entry) => refused.has(entry)) ? 'refused-by-ledger' : 'scored'
    })
  }

const toEntries = (batch: EvaluatedBatch, rule: Rule | undefined): readonly Entry[] | undefined => {
  if (rule === undefined) return undefined
  const terms = termsOf(batch)
  return batch.evaluations.map((evaluation) => {
    const { questionIndex, creditNumerator, creditDenominator, elapsedMs } = evaluation
    const term = terms.get(questionIndex)
    if (term === undefined) throw new Error(`the batch has no terms of question ${questionIndex}`)
    const { points: pointsPossible, timeLimitMs } = term.question
    const points = rule.points({ pointsPossible, creditNumerator, creditDenominator, elapsedMs, timeLimitMs })
    return { term, evaluation, points }
  })
}

const termsOf = ({ questions, sessionId, questionCount, rule, span }: EvaluatedBatch): ReadonlyMap<number, Term> =>
  new Map(questions.map((question) => [question.index, { sessionId, questionCount, rule, question, span }]))
