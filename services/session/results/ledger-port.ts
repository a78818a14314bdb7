import type { SessionRule } from '../../game/scoring/totals.ts'
import type { Card } from '../../game/session/prepare-questions.ts'
import type { Tally } from '../../game/session/state.ts'

export interface PlayerStanding {
  readonly playerId: string
  readonly nickname: string
  readonly joinOrder: number
  /** Points of the ledger without bonus. */
  readonly points: number
  readonly rule: SessionRule
  /** One character per question, '1' for full credit. */
  readonly correct: string
  readonly correctAnswers: number
  readonly correctMs: number
}

export interface LedgerAnswer {
  readonly playerId: string
  readonly questionIndex: number
  readonly choices: readonly number[]
  readonly text: string | undefined
  readonly correct: boolean
  readonly points: number
  readonly elapsedMs: number
}

/** All answers to one question. */
export interface QuestionStats {
  readonly tally: Tally
  /** Answers with full credit. */
  readonly correctCount: number
  /** Absent without answers. */
  readonly meanElapsedMs: number | undefined
}

/** What of a question is needed to count its answers. */
export type Countable = Pick<Card, 'index' | 'questionId' | 'kind' | 'optionOrder'>

export interface LedgerResults {
  /** Of all players who were not removed. */
  readonly standings: readonly PlayerStanding[]
  /** Of these players, in order of the questions; none when there are too many for one reply. */
  readonly answers: readonly LedgerAnswer[]
  /** One for each question asked for, in the same order. */
  readonly questions: readonly QuestionStats[]
}

/** What was scored. Written by the scorer, read here. */
export interface Ledger {
  tally(sessionId: string, question: Countable): Promise<Tally>
  /** Everything of the same moment. */
  results(sessionId: string, questions: readonly Countable[]): Promise<LedgerResults>
}
