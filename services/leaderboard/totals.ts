import type { Standing } from './standing.ts'

/** A player and his totals as the ledger keeps them, for the rebuilding of a board. */
export interface PlayerTotals {
  readonly playerId: string
  readonly joinOrder: number
  readonly removed: boolean
  /** Undefined until the first answer is scored. */
  readonly totals:
    | {
        readonly version: number
        readonly points: number
        readonly correctAnswers: number
        readonly correctMs: number
        /** '1' at i: question i was answered; one character per question of the session. */
        readonly answered: string
        /** '1' at i: question i was answered with full credit. */
        readonly correct: string
        readonly streakBonus: boolean
      }
    | undefined
}

/**
 * The standing that the scorer publishes for these totals. Score and streak are functions of what is stored, stated here
 * once more because a board must be rebuilt while no scorer runs; a test across services holds the two together.
 */
export const toStanding = ({ playerId, joinOrder, removed, totals }: PlayerTotals): Standing => {
  const identity = { playerId, joinOrder, removed }
  if (totals === undefined) {
    return { ...identity, version: 0, score: 0, correctAnswers: 0, correctMs: 0, streak: 0, answered: new Uint8Array() }
  }
  const { version, points, correctAnswers, correctMs, answered, correct } = totals
  const { bonus, streak } = foldStreaks(answered, correct)
  const score = points + (totals.streakBonus ? bonus : 0)
  return { ...identity, version, score, correctAnswers, correctMs, streak, answered: packBits(answered) }
}

/** From the second correct answer in a row on: +50, growing by 50 to +250 per answer. */
const STEP = 50
const LIMIT = 250

const foldStreaks = (answered: string, correct: string): { readonly bonus: number; readonly streak: number } => {
  const latest = answered.lastIndexOf('1')
  let bonus = 0
  let streak = 0
  for (let index = 0; index <= latest; index += 1) {
    streak = correct[index] === '1' ? streak + 1 : 0
    if (streak > 1) bonus += Math.min(STEP * (streak - 1), LIMIT)
  }
  return { bonus, streak }
}

const packBits = (bits: string): Uint8Array => {
  const last = bits.lastIndexOf('1')
  const bytes = new Uint8Array((last >> 3) + 1)
  for (let index = 0; index <= last; index += 1) {
    if (bits[index] === '1') bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7))
  }
  return bytes
}
