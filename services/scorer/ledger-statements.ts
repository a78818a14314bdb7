/**
 * One statement per batch: the rows that were not in the ledger yet are the ones that count, and everything that counts
 * them happens in the same transaction.
 *
 * 1. `inserted`: new ledger rows. A row that is there already, from an earlier delivery or another copy of this service,
 *    conflicts and is left out; that is the whole of exactly-once.
 * 2. `upserted`: totals grow by the inserted rows. The result is absolute, its version is the number of rows in it.
 * 3. `progressed`: rows per question grow likewise.
 *
 * Deadlocks: every copy takes its locks in the same order: ledger keys, then totals, then progress, each sorted by key.
 * `progressed` asks for the count of `upserted` only to come after it.
 *
 * $1–$9 terms, one per session and question: session id, question id, index, questions of the session, points possible,
 * time limit, rule, rule version, streak bonus. $10–$20 answers: 1-based term, player id, join order, answer id,
 * choices (an array in text form), text, credit numerator and denominator, elapsed ms, points, received at (epoch ms).
 *
 * Result: ResultRow (ledger.ts): the changed sums, the questions, the number of inserted rows. If these are fewer than the
 * answers the result is not used, but that of readBackStatement.
 */
export const recordStatement = {
  name: 'record-answers',
  text: `
WITH term AS (
  SELECT *, repeat('0', question_count)::varbit AS blank,
    set_bit(repeat('0', question_count)::varbit, question_index, 1) AS mask
  FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::int[], $6::int[], $7::text[], $8::smallint[], $9::bool[])
    WITH ORDINALITY AS t (session_id, question_id, question_index, question_count, points_possible, time_limit_ms, rule,
      rule_version, streak_bonus, term)
), inserted AS (
  INSERT INTO ledger (session_id, question_id, player_id, question_index, join_order, answer_id, choices, answer_text,
    credit_numerator, credit_denominator, elapsed_ms, time_limit_ms, points_possible, rule, rule_version, points,
    received_at)
  SELECT session_id, question_id, player_id, question_index, join_order, answer_id, choices::smallint[], answer_text,
    credit_numerator, credit_denominator, elapsed_ms, time_limit_ms, points_possible, rule, rule_version, points,
    to_timestamp(received_at_ms / 1000)
  FROM unnest($10::int[], $11::uuid[], $12::int[], $13::text[], $14::text[], $15::text[], $16::int[], $17::int[],
      $18::int[], $19::int[], $20::float8[])
    AS a (term, player_id, join_order, answer_id, choices, answer_text, credit_numerator, credit_denominator, elapsed_ms,
      points, received_at_ms)
    JOIN term USING (term)
  ORDER BY session_id, question_id, player_id
  ON CONFLICT (session_id, question_id, player_id) DO NOTHING
  RETURNING session_id, question_id, player_id, join_order, elapsed_ms, points, credit_numerator = credit_denominator AS full_credit
), gain AS (
  SELECT session_id, player_id, min(join_order) AS join_order, count(*) AS version, sum(points) AS points,
    count(*) FILTER (WHERE full_credit) AS correct_answers,
    coalesce(sum(elapsed_ms) FILTER (WHERE full_credit), 0) AS correct_ms,
    bit_or(mask) AS answered,
    bit_or(CASE WHEN full_credit THEN mask ELSE blank END) AS correct,
    min(rule) AS rule, min(rule_version) AS rule_version, bool_or(streak_bonus) AS streak_bonus
  FROM inserted JOIN term USING (session_id, question_id)
  GROUP BY session_id, player_id
), upserted AS (
  INSERT INTO totals AS t (session_id, player_id, join_order, version, points, correct_answers, correct_ms, answered,
    correct, rule, rule_version, streak_bonus)
  SELECT session_id, player_id, join_order, version, points, correct_answers, correct_ms, answered, correct, rule,
    rule_version, streak_bonus
  FROM gain
  ORDER BY session_id, player_id
  ON CONFLICT (session_id, player_id) DO UPDATE SET
    version = t.version + excluded.version,
    points = t.points + excluded.points,
    correct_answers = t.correct_answers + excluded.correct_answers,
    correct_ms = t.correct_ms + excluded.correct_ms,
    answered = t.answered | excluded.answered,
    correct = t.correct | excluded.correct
  RETURNING session_id, player_id, join_order, version, points, correct_answers, correct_ms, answered, correct
), progressed AS (
  INSERT INTO question_progress AS p (session_id, question_index, answer_count)
  SELECT session_id, question_index, count(*)
  FROM inserted JOIN term USING (session_id, question_id)
  WHERE (SELECT count(*) FROM upserted) > 0
  GROUP BY session_id, question_index
  ORDER BY session_id, question_index
  ON CONFLICT (session_id, question_index) DO UPDATE SET answer_count = p.answer_count + excluded.answer_count
  RETURNING session_id, question_index, answer_count
)
SELECT 'sums' AS kind, session_id, player_id, join_order, version, points, correct_answers, correct_ms, answered, correct
FROM upserted
UNION ALL
SELECT 'question', session_id, NULL, question_index, answer_count, NULL, NULL, NULL, NULL, NULL FROM progressed
UNION ALL
SELECT 'inserted', NULL, NULL, count(*), NULL, NULL, NULL, NULL, NULL, NULL FROM inserted`,
} as const

/**
 * What the ledger holds of answers of which some were counted before. Not part of the statement that records: all parts of
 * one statement see the database as it was at its start, so a row that another copy committed while we waited for its
 * key conflicts, and yet cannot be seen, and neither can the totals with that row in them. Were those published
 * and acknowledged here, and the other copy died before it published its own, the newer totals would reach
 * no board. This statement starts later and sees every row that conflicted.
 *
 * $1 session ids, $2 question ids, $3 question indexes, $4 player ids; one of each per answer.
 *
 * Result: ResultRow (ledger.ts): the sums, the questions, the answers.
 */
export const readBackStatement = {
  name: 'read-back-answers',
  text: `
WITH answer AS (
  SELECT *
  FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[])
    WITH ORDINALITY AS a (session_id, question_id, question_index, player_id, place)
)
SELECT 'sums' AS kind, session_id, player_id, join_order, version, points, correct_answers, correct_ms, answered, correct
FROM totals JOIN (SELECT DISTINCT session_id, player_id FROM answer) AS p USING (session_id, player_id)
UNION ALL
SELECT 'question', session_id, NULL, question_index, answer_count, NULL, NULL, NULL, NULL, NULL
FROM question_progress JOIN (SELECT DISTINCT session_id, question_index FROM answer) AS q
  USING (session_id, question_index)
UNION ALL
SELECT 'answer', NULL, NULL, place, points, (credit_numerator = credit_denominator)::int, NULL, NULL, NULL, NULL
FROM answer JOIN ledger USING (session_id, question_id, player_id)`,
} as const
