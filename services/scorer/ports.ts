import type { Span } from '#platform/telemetry'

/** One evaluated answer. Credit is the exact fraction creditNumerator / creditDenominator in 0..1. */
export interface Evaluation {
  readonly answerId: string
  readonly playerId: string
  readonly joinOrder: number
  readonly questionIndex: number
  readonly creditNumerator: number
  readonly creditDenominator: number
  readonly elapsedMs: number
  /** Milliseconds since the Unix epoch. */
  readonly receivedAtMs: number
  /** Indexes of the options as shown. */
  readonly choices: readonly number[]
  readonly text?: string | undefined
}

export interface QuestionTerms {
  readonly index: number
  readonly questionId: string
  readonly points: number
  readonly timeLimitMs: number
}

/** Evaluations of one session with every input of its rule. Each refers to one of `questions` by its index. */
export interface EvaluatedBatch {
  readonly sessionId: string
  /** Questions of the session. */
  readonly questionCount: number
  readonly rule: { readonly name: string; readonly version: number; readonly streakBonus: boolean }
  readonly questions: readonly QuestionTerms[]
  readonly evaluations: readonly Evaluation[]
  /** Those of the answers that are followed. */
  readonly span?: Span | undefined
}

/** What all answers to one question of one session have in common. */
export interface Term {
  readonly sessionId: string
  readonly questionCount: number
  readonly rule: EvaluatedBatch['rule']
  readonly question: QuestionTerms
  /** Of the batch that brought it. */
  readonly span?: Span | undefined
}

/** One answer and what the rule makes of it. */
export interface Entry {
  readonly term: Term
  readonly evaluation: Evaluation
  readonly points: number
}

/** A player's totals after a batch; absolute. */
export interface Tally {
  readonly sessionId: string
  readonly playerId: string
  readonly joinOrder: number
  /** Ledger rows in it; of two tallies of a player the one with the higher version is the newer. */
  readonly version: number
  readonly points: number
  readonly correctAnswers: number
  readonly correctMs: number
  /** '1' at i: question i was answered. One character per question of the session. */
  readonly answered: string
  /** '1' at i: question i was answered with full credit. */
  readonly correct: string
}

/** Ledger rows of one question so far. */
export interface Progress {
  readonly sessionId: string
  readonly questionIndex: number
  readonly answerCount: number
}

/** What the ledger holds of one entry: its own points, or those of the delivery that was first. */
export interface Counted {
  readonly points: number
  readonly correct: boolean
}

export interface Recorded {
  /** One per entry, in order. */
  readonly counted: readonly Counted[]
  /** One per player of the entries, at least as new as what `counted` says. */
  readonly tallies: readonly Tally[]
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

export interface Standing {
  readonly playerId: string
  readonly joinOrder: number
  readonly version: number
  /** Points and streak bonus. */
  readonly score: number
  readonly correctAnswers: number
  readonly correctMs: number
  /** Correct answers in a row up to the latest answered question. */
  readonly streak: number
  /** As in Tally. */
  readonly answered: string
}

/** What one answer earned, and what its player has with it. */
export interface Earned extends Counted, Pick<Standing, 'playerId' | 'score' | 'streak'> {
  readonly questionId: string
}

export interface SessionScores {
  readonly sessionId: string
  readonly standings: readonly Standing[]
  readonly earned: readonly Earned[]
  readonly progress: readonly Progress[]
  /** When the oldest of the answers arrived at its edge, milliseconds since the Unix epoch. */
  readonly firstReceivedAtMs: number
  /** Those of the batches that are followed. */
  readonly spans: ReadonlySet<Span>
}

export interface Scores {
  /**
   * Publishes absolute standings, each session once; receivers keep the newer of two, so repeats and any order are
   * harmless. Resolves when they are stored.
   * @throws PodiumError `unavailable`.
   */
  publish(sessions: readonly SessionScores[]): Promise<void>
}
