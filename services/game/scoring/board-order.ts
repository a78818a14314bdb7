import type { Totals } from './totals.ts'

/** What the order of a board looks at. */
export type Placed = Pick<Totals, 'score' | 'correctMs' | 'joinOrder' | 'playerId'>

/**
 * Score, highest first, then time of the correct answers, shortest first, then the order of joining. The id makes the order
 * total, whatever else is equal.
 */
export const compareTotals = (a: Placed, b: Placed): number =>
  b.score - a.score || a.correctMs - b.correctMs || a.joinOrder - b.joinOrder || compareText(a.playerId, b.playerId)

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The order of joining separates equal score and time on the board, but not their rank. */
export const sharesRank = (a: Pick<Placed, 'score' | 'correctMs'>, b: Pick<Placed, 'score' | 'correctMs'>): boolean =>
  a.score === b.score && a.correctMs === b.correctMs

/** In order, each with its rank: 1 is the best, and after a shared rank the next one counts them all (1, 2, 2, 4). */
export const ranked = <T extends Placed>(players: Iterable<T>): readonly (T & { readonly rank: number })[] => {
  let above: (T & { readonly rank: number }) | undefined
  return [...players].sort(compareTotals).map((player, place) => {
    above = { ...player, rank: above !== undefined && sharesRank(above, player) ? above.rank : place + 1 }
    return above
  })
}

/**
 * A board is a Redis sorted set, whose score is a double. Whole numbers are exact in it up to 2^53: 26 bits of score above
 * 27 bits of inverted time put the higher score first and among equals the shorter time. The order of joining is in
 * the member, which decides between equal scores.
 */
const TIME_BITS = 27
const MAX_SCORE = 2 ** 26 - 1
const MAX_TIME_MS = 2 ** TIME_BITS - 1
const MAX_JOIN_ORDER = 2 ** 24 - 1

/** Values beyond the range, which no session can be created with, count as the largest one. */
export const packScore = (score: number, correctMs: number): number =>
  Math.min(score, MAX_SCORE) * 2 ** TIME_BITS + (MAX_TIME_MS - Math.min(correctMs, MAX_TIME_MS))

export const unpackScore = (packed: number): { readonly score: number; readonly correctMs: number } => ({
  score: Math.floor(packed / 2 ** TIME_BITS),
  correctMs: MAX_TIME_MS - (packed % 2 ** TIME_BITS),
})

/** Six hex digits, read from the highest member down: the first to join has the greatest. */
export const memberOf = (joinOrder: number, playerId: string): string =>
  `${(MAX_JOIN_ORDER - Math.min(joinOrder, MAX_JOIN_ORDER)).toString(16).padStart(6, '0')}:${playerId}`

export const joinOrderOf = (member: string): number => MAX_JOIN_ORDER - Number.parseInt(member.slice(0, 6), 16)

export const playerIdOf = (member: string): string => member.slice(7)
