import type { Span } from '#platform/telemetry'
import type { AnswerContent, Credit, Evaluate } from '../game/kinds/kind.ts'

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
  /** When it is followed. */
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
  readonly rule: { readonly name: string; readonly version: number; readonly streakBonus: boolean }
}

/** What is known of a session: its keys, that there is none such, or nothing because the store is unavailable. */
export type KeysOutcome = SessionKeys | 'unknown-session' | 'unavailable'

export interface KeyStore {
  /** One outcome for each of the sessions; reading changes nothing. */
  load(sessionIds: readonly string[]): Promise<ReadonlyMap<string, KeysOutcome>>
}

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

export interface Evaluations {
  /**
   * Publishes the evaluations of one batch, one element per session. Repeats and any order are harmless: the ledger counts an answer once.
   * Resolves when they are stored.
   * @throws PodiumError `unavailable`.
   */
  publish(evaluations: readonly SessionEvaluations[]): Promise<void>
}
