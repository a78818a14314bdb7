const STEP = 50
/** Most that one answer can earn on top of its points. */
export const MAX_STREAK_BONUS = 250

/**
 * The bonus for correct answers in a row: from the second one on 50, growing by 50 to 250 per answer, in the order of the
 * questions. `correct` has one character per question, '1' for full credit; a wrong answer and none at all both end a row.
 */
export const streakBonus = (correct: string): number => {
  let row = 0
  let bonus = 0
  for (const bit of correct) {
    row = bit === '1' ? row + 1 : 0
    if (row > 1) bonus += Math.min(STEP * (row - 1), MAX_STREAK_BONUS)
  }
  return bonus
}
