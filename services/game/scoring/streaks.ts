/**
 * Streaks are a fold over a player's questions in their order, never over answers in the order of their arrival: the
 * same answers give the same result whichever came first. A bit string is a text of '0' and '1', one per question of the
 * session; `answered` has a 1 where there is an answer, `correct` where it got full credit. A wrong or a missing answer
 * breaks a streak; questions without a right answer are taken out before (`scoredOf`).
 */
const STEP = 50
/** Most that version 1 of the bonus adds to one answer. */
export const MAX_STREAK_BONUS = 250

/** A bit string without the questions that are neither right nor wrong. */
export const scoredOf = (bits: string, unscored: readonly number[] = []): string =>
  unscored.length === 0
    ? bits
    : Array.from(bits)
        .filter((_, index) => !unscored.includes(index))
        .join('')

/** Correct answers in a row up to and including the latest answered question. */
export const currentStreak = (answered: string, correct: string): number => {
  const latest = answered.lastIndexOf('1')
  return latest === -1 ? 0 : latest - correct.lastIndexOf('0', latest)
}

/**
 * Version 1 of the bonus: +50 for the second correct answer in a row, +100 for the third, growing by 50 to +250 for
 * every one from the sixth on.
 */
export const streakBonus1 = (correct: string): number => {
  let bonus = 0
  let start = correct.indexOf('1')
  while (start !== -1) {
    const gap = correct.indexOf('0', start)
    const end = gap === -1 ? correct.length : gap
    bonus += bonusOfRun(end - start)
    start = correct.indexOf('1', end)
  }
  return bonus
}

const STEPS_TO_MAX = MAX_STREAK_BONUS / STEP

/** 50 + 100 + … over the answers after the first, in closed form: this runs for every player of every batch. */
const bonusOfRun = (length: number): number => {
  const paid = length - 1
  const growing = Math.min(paid, STEPS_TO_MAX)
  return (STEP * growing * (growing + 1)) / 2 + MAX_STREAK_BONUS * (paid - growing)
}
