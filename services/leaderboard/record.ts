import type { Standing } from './standing.ts'

const REMOVED = 'removed'

/**
 * A player's record in the players HASH: version, join order, score, correct answers, correct ms, streak, answered in
 * base64, separated by spaces; `removed` for a removed player. All that a snapshot needs, and readable for operators.
 */
export const toRecord = (standing: Standing): string => {
  if (standing.removed) return REMOVED
  const { version, joinOrder, score, correctAnswers, correctMs, streak, answered } = standing
  const bits = Buffer.from(answered.buffer, answered.byteOffset, answered.byteLength).toString('base64')
  return `${version} ${joinOrder} ${score} ${correctAnswers} ${correctMs} ${streak} ${bits}`
}

/** Undefined for a removed player. */
export const fromRecord = (playerId: string, record: string): Standing | undefined => {
  if (record === REMOVED) return undefined
  const [version, joinOrder, score, correctAnswers, correctMs, streak, bits = ''] = record.split(' ')
  return {
    playerId,
    version: Number(version),
    joinOrder: Number(joinOrder),
    score: Number(score),
    correctAnswers: Number(correctAnswers),
    correctMs: Number(correctMs),
    streak: Number(streak),
    answered: Buffer.from(bits, 'base64'),
    removed: false,
  }
}
