/**
 * What the ledger holds of answers of which some were counted before. Not part of the statement that records: all parts of
 * one statement see the database as it was at its start, so a row that another copy committed while we waited for its
 * key conflicts, and yet cannot be seen, and neither can the totals with that row in them. Were those published
 * and acknowledged here, and the other copy died before it published its own, the newer totals would reach
 * nobody. This statement starts later and sees every row that conflicted.
 *
 * $1 session ids, $2 question ids, $3 question indexes, $4 player ids; one of each per answer.
 *
 * Result: rows as in result-row.ts: the totals, the questions, the answers.
 */
export const readBackStatement = {
  name: 'read-back-answers',
  text: `
WITH answer AS (
  SELECT *
  FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[])
    WITH ORDINALITY AS a (session_id, question_id, question_index, player_id, place)
)
SELECT 'total' AS kind, session_id, player_id, join_order, version, points, correct_answers, correct_ms, answered, correct
FROM totals JOIN (SELECT DISTINCT session_id, player_id FROM answer) AS p USING (session_id, player_id)
UNION ALL
SELECT 'question', session_id, NULL, question_index, answer_count, NULL, NULL, NULL, NULL, NULL
FROM question_progress JOIN (SELECT DISTINCT session_id, question_index FROM answer) AS q
  USING (session_id, question_index)
UNION ALL
SELECT 'answer', NULL, NULL, place, points, (credit_numerator = credit_denominator)::int, NULL, NULL, NULL, NULL
FROM answer JOIN ledger USING (session_id, question_id, player_id)`,
} as const
