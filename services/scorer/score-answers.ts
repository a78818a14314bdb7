import type { Evaluation as EvaluationMessage, QuestionTerms as QuestionTermsMessage } from '#gen/evaluation_pb'
import type { Fields } from '#platform/contract/codec/wire'
import { failpoint } from '#platform/failpoint'
import type { Span } from '#platform/telemetry'
import type { RuleBook } from '../game/scoring/rules.ts'
import { type LedgerSums, type SessionRule, type Totals, toTotals } from '../game/scoring/totals.ts'

export type Evaluation = Fields<EvaluationMessage>
export type QuestionTerms = Fields<QuestionTermsMessage>

/** Evaluations of one session with every input of its rule. Each refers to one of `questions` by its index. */
export interface EvaluatedBatch {
  readonly sessionId: string
  /** Questions of the session. */
  readonly questionCount: number
  readonly rule: SessionRule
  readonly questions: readonly QuestionTerms[]
  readonly evaluations: readonly Evaluation[]
  /** Those of the answers that are traced. */
  readonly span?: Span | undefined
}

/** What all answers to one question of one session have in common. */
export interface Term {
  readonly sessionId: string
  readonly questionCount: number
  readonly rule: SessionRule
  readonly question: QuestionTerms
  /** Of the batch that brought it. */
  readonly span?: Span | undefined
}

/** One answer and its points by the rule. */
export interface Entry {
  readonly term: Term
  readonly evaluation: Evaluation
  readonly points: number
}

/** What the ledger holds of one entry: it, or the delivery that was first. */
export interface Counted {
  readonly answerId: string
  readonly points: number
  readonly correct: boolean
}

/** Ledger rows of one question so far. */
export interface Progress {
  readonly sessionId: string
  readonly questionIndex: number
  readonly answerCount: number
}

export interface Recorded {
  /** One per entry, in order. */
  readonly counted: readonly Counted[]
  /** One per player of the entries, at least as new as what `counted` says. */
  readonly sums: readonly (LedgerSums & { readonly sessionId: string })[]
  /** One per question of the entries. */
  readonly progress: readonly Progress[]
}

export interface Ledger {
  /**
   * Counts every entry that was not counted before, all of them or none. Idempotent, in any order, from any number of
   * processes at once. `refused`: some entry can never be stored.
   * @throws PodiumError `unavailable`; it is then unknown whether the entries were counted.
   */
  record(entries: readonly Entry[]): Promise<Recorded | 'refused'>
}

/** What one answer earned, and the player's score and streak with it. */
export interface Earned extends Counted {
  readonly playerId: string
  readonly questionId: string
  readonly score: number
  readonly streak: number
  /** The question has no right answer. */
  readonly unscored: boolean
}

export interface SessionScores {
  readonly sessionId: string
  readonly totals: readonly Totals[]
  readonly earned: readonly Earned[]
  readonly progress: readonly Progress[]
  /** When the oldest of the answers arrived at its edge, milliseconds since the Unix epoch. */
  readonly firstReceivedAtMs: number
  /** Those of the batches that are traced. */
  readonly spans: ReadonlySet<Span>
}

/**
 * Publishes what was scored, each session once; receivers keep the newer of two totals, so repeats and any order are harmless.
 * Resolves when the boards have it, or are sure to get it.
 * @throws PodiumError `unavailable`.
 */
export type PublishScores = (sessions: readonly SessionScores[]) => Promise<void>

/** An evaluation that can never be scored, and why. */
export interface Refused {
  readonly sessionId: string
  readonly evaluation: Evaluation
  readonly reason: 'unknown-rule' | 'unexpected-error' | 'refused-by-ledger'
}

/**
 * Scores batches: points by their rules, then one write to the ledger for up to `maxAnswers` of them at a time, then their
 * scores. Resolves with what can never be scored; all else is. May be repeated with the same or overlapping batches at any time.
 * @throws PodiumError `unavailable`; some of it may have happened.
 */
export const createScoreAnswers =
  (ledger: Ledger, publish: PublishScores, ruleOf: RuleBook, maxAnswers = Infinity) =>
  async (batches: readonly EvaluatedBatch[]): Promise<readonly Refused[]> => {
    const refused: Refused[] = []
    const entries = batches.flatMap((batch) => toEntries(batch, ruleOf, refused))
    for (let start = 0; start < entries.length; start += maxAnswers) {
      const recorded = await recordAll(ledger, entries.slice(start, start + maxAnswers))
      failpoint('scorer.after-commit')
      await publish(toSessionScores(recorded.parts, ruleOf))
      for (const { term, evaluation } of recorded.refused) {
        refused.push({ sessionId: term.sessionId, evaluation, reason: 'refused-by-ledger' })
      }
    }
    return refused
  }

const toEntries = (batch: EvaluatedBatch, ruleOf: RuleBook, refused: Refused[]): readonly Entry[] => {
  const { sessionId, questionCount, rule, questions, span } = batch
  const scoring = ruleOf(rule.name, rule.version)
  const terms = new Map<number, Term>()
  for (const question of questions) terms.set(question.index, { sessionId, questionCount, rule, question, span })
  const entries: Entry[] = []
  for (const evaluation of batch.evaluations) {
    const { questionIndex, creditNumerator, creditDenominator, elapsedMs } = evaluation
    const term = terms.get(questionIndex)
    if (term === undefined) throw new Error(`the batch has no terms of question ${questionIndex}`)
    if (scoring === undefined) {
      refused.push({ sessionId, evaluation, reason: 'unknown-rule' })
      continue
    }
    const { points: pointsPossible, timeLimitMs } = term.question
    try {
      const points = scoring.points({ pointsPossible, creditNumerator, creditDenominator, elapsedMs, timeLimitMs })
      entries.push({ term, evaluation, points })
    } catch {
      // One that makes the rule throw must not take the others of its message with it.
      refused.push({ sessionId, evaluation, reason: 'unexpected-error' })
    }
  }
  return entries
}

/** Entries that went into the ledger together, and what it returned. */
interface Part {
  readonly entries: readonly Entry[]
  readonly recorded: Recorded
}

/**
 * Records all entries with one write. If the ledger refuses it because of some entry, which our own evaluator never
 * causes, halves are tried until only the culprits are left out: one bad entry must not take others' answers with it.
 */
const recordAll = async (
  ledger: Ledger,
  entries: readonly Entry[],
): Promise<{ readonly parts: readonly Part[]; readonly refused: ReadonlySet<Entry> }> => {
  const parts: Part[] = []
  const refused = new Set<Entry>()
  const queue = entries.length === 0 ? [] : [entries]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const recorded = await ledger.record(next)
    if (recorded !== 'refused') {
      parts.push({ entries: next, recorded })
    } else if (next.length > 1) {
      const middle = next.length >> 1
      queue.push(next.slice(middle), next.slice(0, middle))
    } else {
      for (const entry of next) refused.add(entry)
    }
  }
  return { parts, refused }
}

interface Draft extends SessionScores {
  readonly rule: SessionRule
  readonly totals: Totals[]
  readonly earned: Earned[]
  readonly progress: Progress[]
  readonly spans: Set<Span>
  firstReceivedAtMs: number
}

/** What was recorded, by session. */
const toSessionScores = (parts: readonly Part[], ruleOf: RuleBook): readonly SessionScores[] => {
  const drafts = new Map<string, Draft>()
  for (const { entries, recorded } of parts) {
    for (const { term, evaluation } of entries) {
      const draft = draftOf(drafts, term)
      if (evaluation.receivedAtMs < draft.firstReceivedAtMs) draft.firstReceivedAtMs = evaluation.receivedAtMs
      if (term.span !== undefined) draft.spans.add(term.span)
    }
    const totalsOf = new Map<string, Totals>()
    for (const sums of recorded.sums) {
      const draft = drafts.get(sums.sessionId)
      if (draft === undefined) continue
      const totals = toTotals(sums, draft.rule, ruleOf)
      totalsOf.set(totals.playerId, totals)
      draft.totals.push(totals)
    }
    for (const [index, { term, evaluation }] of entries.entries()) {
      const counted = recorded.counted[index]
      const totals = totalsOf.get(evaluation.playerId)
      if (counted === undefined || totals === undefined) {
        throw new Error('the ledger answered for fewer entries than it got')
      }
      const { playerId, score, streak } = totals
      const { questionId, index: place } = term.question
      const unscored = term.rule.unscored?.includes(place) === true
      drafts.get(term.sessionId)?.earned.push({ playerId, questionId, ...counted, score, streak, unscored })
    }
    for (const progress of recorded.progress) drafts.get(progress.sessionId)?.progress.push(progress)
  }
  return [...drafts.values()]
}

const draftOf = (drafts: Map<string, Draft>, { sessionId, rule }: Term): Draft => {
  let draft = drafts.get(sessionId)
  if (draft === undefined) {
    draft = { sessionId, rule, totals: [], earned: [], progress: [], spans: new Set(), firstReceivedAtMs: Infinity }
    drafts.set(sessionId, draft)
  }
  return draft
}
