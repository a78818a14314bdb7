import type { Span } from '#platform/telemetry'
import type { RuleBook } from '../game/scoring/rule-book.ts'
import { currentStreak } from '../game/scoring/streak.ts'
import type { Earned, EvaluatedBatch, Progress, SessionScores, Standing, Tally } from './ports.ts'
import type { Part } from './record-all.ts'

interface Draft extends SessionScores {
  readonly rule: EvaluatedBatch['rule']
  readonly standings: Standing[]
  readonly earned: Earned[]
  readonly progress: Progress[]
  readonly spans: Set<Span>
  firstReceivedAtMs: number
}

/** What was recorded, by session. */
export const toSessionScores = (parts: readonly Part[], ruleOf: RuleBook): readonly SessionScores[] => {
  const drafts = new Map<string, Draft>()
  for (const { entries, recorded } of parts) {
    for (const { term, evaluation } of entries) {
      const draft = draftOf(drafts, term)
      if (evaluation.receivedAtMs < draft.firstReceivedAtMs) draft.firstReceivedAtMs = evaluation.receivedAtMs
      if (term.span !== undefined) draft.spans.add(term.span)
    }
    const standings = new Map<string, Standing>()
    for (const tally of recorded.tallies) {
      const draft = drafts.get(tally.sessionId)
      if (draft === undefined) continue
      const standing = toStanding(tally, draft.rule, ruleOf)
      standings.set(standing.playerId, standing)
      draft.standings.push(standing)
    }
    for (const [index, { term, evaluation }] of entries.entries()) {
      const counted = recorded.counted[index]
      const standing = standings.get(evaluation.playerId)
      if (counted === undefined || standing === undefined) {
        throw new Error('the ledger answered for fewer entries than it got')
      }
      const { playerId, score, streak } = standing
      const { questionId } = term.question
      drafts.get(term.sessionId)?.earned.push({ playerId, questionId, ...counted, score, streak })
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
    draft = { sessionId, rule, standings: [], earned: [], progress: [], spans: new Set(), firstReceivedAtMs: Infinity }
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
