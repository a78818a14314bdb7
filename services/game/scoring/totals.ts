import type { RuleBook } from './rules.ts'
import { currentStreak, scoredOf } from './streaks.ts'

/** A player's totals in a session. Absolute: of two totals of a player the newer replaces the older. */
export interface Totals {
  readonly playerId: string
  /** The player's place in the order of joining. */
  readonly joinOrder: number
  /** Scored answers in it; the higher version is the newer one. */
  readonly version: number
  /** Points and streak bonus. */
  readonly score: number
  readonly correctAnswers: number
  /** Sum of the answering times of the correct answers, milliseconds. */
  readonly correctMs: number
  /** Correct answers in a row up to the latest answered question. */
  readonly streak: number
  /** Bit i (bit i % 8 of byte i / 8) is set when question i was answered. */
  readonly answered: Uint8Array
  /** Off the board for good, whatever else arrives. */
  readonly removed: boolean
}

/** What the ledger adds up for a player; Totals are a function of it and of the session's rule. */
export interface LedgerSums {
  readonly playerId: string
  readonly joinOrder: number
  /** Ledger rows in it. */
  readonly version: number
  /** Without streak bonus. */
  readonly points: number
  readonly correctAnswers: number
  readonly correctMs: number
  /** '1' at i: question i was answered. One character per question of the session. */
  readonly answered: string
  /** '1' at i: question i was answered with full credit. */
  readonly correct: string
}

/** The rule that a session is played with. */
export interface SessionRule {
  readonly name: string
  readonly version: number
  readonly streakBonus: boolean
  /** Indexes of the questions that streaks pass over; none when absent. */
  readonly unscored?: readonly number[] | undefined
}

/** The streak bonus of a player by the session's rule; 0 for a rule that is not in the book. */
export const bonusBy = (
  { name, version, streakBonus, unscored }: SessionRule,
  ruleOf: RuleBook,
  correct: string,
): number => (streakBonus ? (ruleOf(name, version)?.streakBonus(scoredOf(correct, unscored)) ?? 0) : 0)

export const toTotals = (
  { playerId, joinOrder, version, points, correctAnswers, correctMs, answered, correct }: LedgerSums,
  rule: SessionRule,
  ruleOf: RuleBook,
  removed = false,
): Totals => ({
  playerId,
  joinOrder,
  version,
  score: points + bonusBy(rule, ruleOf, correct),
  correctAnswers,
  correctMs,
  streak: currentStreak(scoredOf(answered, rule.unscored), scoredOf(correct, rule.unscored)),
  answered: packBits(answered),
  removed,
})

/** Of a player without a scored answer. */
export const noTotals = (playerId: string, joinOrder: number, removed: boolean): Totals => ({
  playerId,
  joinOrder,
  version: 0,
  score: 0,
  correctAnswers: 0,
  correctMs: 0,
  streak: 0,
  answered: NOTHING_ANSWERED,
  removed,
})

const NOTHING_ANSWERED = new Uint8Array()

/** True when `candidate` replaces `known`. A removal is newer than everything, and nothing is newer than a removal. */
export const isNewer = (candidate: Totals, known: Totals): boolean =>
  !known.removed && (candidate.removed || candidate.version > known.version)

/** The newest totals of each player, in the order in which players first appear. */
export const newestOf = (totals: Iterable<Totals>): readonly Totals[] => {
  const newest = new Map<string, Totals>()
  for (const each of totals) {
    const known = newest.get(each.playerId)
    if (known === undefined || isNewer(each, known)) newest.set(each.playerId, each)
  }
  return [...newest.values()]
}

/** A bit string as bytes: bit i % 8 of byte i / 8 is character i. Trailing zero bytes are left out. */
export const packBits = (bits: string): Uint8Array => {
  const last = bits.lastIndexOf('1')
  const bytes = new Uint8Array((last >> 3) + 1)
  for (let index = 0; index <= last; index += 1) {
    if (bits.charCodeAt(index) === ONE) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7))
  }
  return bytes
}

const ONE = 0x31

export const hasAnswered = (answered: Uint8Array, questionIndex: number): boolean =>
  (((answered[questionIndex >> 3] ?? 0) >> (questionIndex & 7)) & 1) === 1
