/** What the stores hold, as plain values. Times are milliseconds. */

export interface SessionTerms {
  readonly sessionId: string
  readonly title: string
  readonly status: string
  /** Null while the session is not over. */
  readonly finishedAtMs: number | null
  readonly hostId: string
  readonly questionCount: number
  /** The rule, by name and version. */
  readonly scoring: string
  readonly scoringVersion: number
  /** Of the rule by which texts are compared. */
  readonly textVersion: number
  /** Indexes of the questions without a right answer. */
  readonly unscored: readonly number[]
  readonly streakBonus: boolean
}

/** The key of a question in terms of the options as shown, or the accepted texts. */
export interface QuestionTerms {
  readonly index: number
  readonly questionId: string
  readonly kind: string
  readonly key: {
    readonly options?: readonly number[]
    readonly texts?: readonly string[]
    readonly value?: number
    readonly tolerance?: number
  }
  readonly points: number
  readonly timeLimitMs: number
}

export interface PlayerRecord {
  readonly playerId: string
  readonly nickname: string
  readonly joinOrder: number
  /** joined, left or removed. */
  readonly status: string
}

/** What the player did: the same in the ledger and in the stream of accepted answers. */
export interface AnswerRecord {
  readonly playerId: string
  readonly questionId: string
  readonly questionIndex: number
  readonly joinOrder: number
  readonly answerId: string
  readonly choices: readonly number[]
  readonly text: string | undefined
  /** Instead of a text that was erased: the digest of the answer's id and the text. */
  readonly erased?: string | undefined
  /** In the ledger the answering time that counts, in the stream the time that passed. */
  readonly elapsedMs: number
  /** Of the network, as the edge measured it. */
  readonly delayMs: number
  readonly receivedAtMs: number
}

export interface LedgerRow extends AnswerRecord {
  readonly creditNumerator: number
  readonly creditDenominator: number
  readonly timeLimitMs: number
  readonly pointsPossible: number
  readonly rule: string
  readonly ruleVersion: number
  readonly points: number
}

/** A player's totals, as stored or as folded from the ledger. */
export interface Totals {
  readonly joinOrder: number
  /** Ledger rows folded in. */
  readonly version: number
  readonly points: number
  readonly correctAnswers: number
  readonly correctMs: number
  /** Character i is 1 when question i was answered / answered with full credit. */
  readonly answered: string
  readonly correct: string
}

export interface StoredTotals extends Totals {
  readonly playerId: string
  readonly rule: string
  readonly ruleVersion: number
  readonly streakBonus: boolean
}

export interface Standing {
  readonly rank: number
  readonly playerId: string
  readonly nickname: string
  readonly joinOrder: number
  readonly score: number
  readonly correctAnswers: number
  readonly correctMs: number
  /** Ledger rows of this player. */
  readonly version: number
}

/** The part of a verification that a difference belongs to. */
export type Check = 'ledger' | 'totals' | 'progress' | 'answers' | 'board' | 'edge'

export interface Difference {
  readonly check: Check
  /** A player, or a question. */
  readonly subject: string
  readonly what: string
  readonly expected: string
  readonly found: string
}
