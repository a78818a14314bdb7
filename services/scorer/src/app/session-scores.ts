import type { Span } from '#lib/telemetry'
import type { RuleBook } from '../domain/rule-book.ts'
import { currentStreak } from '../domain/streak.ts'
import type { EvaluatedBatch, Progress, ScoredAnswer, SessionScores, Standing, Tally } from './ports.ts'
import type { Part } from './record-all.ts'

interface Draft extends SessionScores {
  readonly rule: EvaluatedBatch['rule']
  readonly standings: Standing[]
  readonly answers: ScoredAnswer[]
  readonly progress: Progress[]
  readonly spans: Set<Span>
  firstReceivedAtMs: number
}

/** One message per session out of what was recorded. */
export const toSessionScores = (parts: readonly Part[], ruleOf: RuleBook): readonly SessionScores[] => {
  const drafts = new Map<string, Draft>()
  for (const { entries, recorded } of parts) {
    for (const [index, { term, evaluation }] of entries.entries()) {
      const counted = recorded.counted[index]
      if (counted === undefined) throw new Error('the ledger answered for fewer entries than it got')
      const { playerId, questionIndex, receivedAtMs } = evaluation
      const { points, correct } = counted
      const draft = draftOf(drafts, term)
      if (receivedAtMs < draft.firstReceivedAtMs) draft.firstReceivedAtMs = receivedAtMs
      if (term.span !== undefined) draft.spans.add(term.span)
      draft.answers.push({
        playerId,
        questionIndex,
        questionId: term.question.questionId,
        points,
        correct,
      })
    }
    for (const tally of recorded.tallies) {
      const draft = drafts.get(tally.sessionId)
      draft?.standings.push(toStanding(tally, draft.rule, ruleOf))
    }
    for (const progress of recorded.progress) drafts.get(progress.sessionId)?.progress.push(progress)
  }
  return [...drafts.values()]
}

const draftOf = (
  drafts: Map<string, Draft>,
  { sessionId, rule }: { readonly sessionId: string; readonly rule: EvaluatedBatch['rule'] },
): Draft => {
  let draft = drafts.get(sessionId)
  if (draft === undefined) {
    draft = { sessionId, rule, standings: [], answers: [], progress: [], spans: new Set(), firstReceivedAtMs: Infinity }
    drafts.set(sessionId, draft)
  }
  return draft
}

const toStanding = (tally: Tally, rule: EvaluatedBatch['rule'], ruleOf: RuleBook): Standing => {
  const { playerId, joinOrder, version, points, correctAnswers, correctMs, answered, correct } = tally
  const bonus = rule.streakBonus ? (ruleOf(rule.name, rule.version)?.streakBonus(correct) ?? 0) : 0
  const streak = currentStreak(answered, correct)
  return { playerId, joinOrder, version, score: points + bonus, correctAnswers, correctMs, streak, answered }
}
