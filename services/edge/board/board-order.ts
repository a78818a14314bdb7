/** One player's absolute totals. */
export interface Totals {
  readonly playerId: string
  /** The last tie-breaker. */
  readonly joinOrder: number
  /** The higher one is the newer one. */
  readonly version: number
  readonly score: number
  readonly correctAnswers: number
  /** Milliseconds that the correct answers took together; less is better. */
  readonly correctMs: number
  /** Bit i (bit i % 8 of byte i / 8) is set when question i was answered. */
  readonly answered: Uint8Array
  /** Off the board for good; wins over every version. */
  readonly removed: boolean
}

export const hasAnswered = (answered: Uint8Array, questionIndex: number): boolean =>
  (((answered[questionIndex >> 3] ?? 0) >> (questionIndex & 7)) & 1) === 1

/** Score descending, then time ascending, then order of joining. The id makes it total whatever else is equal. */
export const compareTotals = (a: Totals, b: Totals): number =>
  b.score - a.score || a.correctMs - b.correctMs || a.joinOrder - b.joinOrder || compareText(a.playerId, b.playerId)

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Equal score and time share a rank. */
export const sharesRank = (a: Totals, b: Totals): boolean => a.score === b.score && a.correctMs === b.correctMs
