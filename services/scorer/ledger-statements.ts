import { ELAPSED_MS, FULL_CREDIT } from '#platform/contract/codec/ledger-row'

/**
 * One statement per batch: the rows that were not in the ledger yet are the ones that count, and everything that counts
 * them happens in the same transaction.
 *
 * 1. `inserted`: new ledger rows. A row that is there already, from an earlier delivery or another copy of this service,
 *    conflicts and is left out; that is the whole of exactly-once.
 * 2. `upserted`: totals grow by the inserted rows. The result is absolute, its version is the number of rows in it.
 * 3. `progressed`: rows per question grow likewise; the first row of a question brings its terms.
 *
 * Deadlocks: every copy takes its locks in the same order: ledger keys, then totals, then progress, each sorted by key.
 * `progressed` asks for the count of `upserted` only to come after it.
 *
 * $1–$10 terms, one per session and question: session id, index, questions of the session, question id, points possible,
 * time limit, rule, rule version, streak bonus, first received at (epoch ms). $11–$18 answers, each player and question
 * once: 1-based term, join order, answer id, answer, credit, timing, points, received at (the last four and the ids as
 * in codec/ledger-row.ts).
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
  FROM unnest($1::uuid[], $2::smallint[], $3::int[], $4::uuid[], $5::int[], $6::int[], $7::text[], $8::smallint[], $9::bool[],
      $10::float8[])
    WITH ORDINALITY AS t (session_id, question_index, question_count, question_id, points_possible, time_limit_ms, rule,
      rule_version, streak_bonus, first_received_at_ms, term)
), inserted AS (
  INSERT INTO ledger (session_id, received_low_ms, timing, points, join_order, question_index, credit, answer_id, answer)
  SELECT session_id, received_low_ms, timing, points, join_order, question_index, credit, answer_id, answer
  FROM unnest($11::int[], $12::int[], $13::bytea[], $14::text[], $15::smallint[], $16::int[], $17::int[], $18::int[])
    AS a (term, join_order, answer_id, answer, credit, timing, points, received_low_ms)
    JOIN term USING (term)
  ORDER BY session_id, join_order, question_index
  ON CONFLICT (session_id, join_order, question_index) DO NOTHING
  RETURNING session_id, question_index, join_order, ${ELAPSED_MS} AS elapsed_ms, points, ${FULL_CREDIT} AS full_credit
), gain AS (
  SELECT session_id, join_order, count(*) AS version, sum(points) AS points,
    count(*) FILTER (WHERE full_credit) AS correct_answers,
    coalesce(sum(elapsed_ms) FILTER (WHERE full_credit), 0) AS correct_ms,
    bit_or(mask) AS answered,
    bit_or(CASE WHEN full_credit THEN mask ELSE blank END) AS correct,
    min(rule) AS rule, min(rule_version) AS rule_version, bool_or(streak_bonus) AS streak_bonus
  FROM inserted JOIN term USING (session_id, question_index)
  GROUP BY session_id, join_order
), upserted AS (
  INSERT INTO totals AS t (session_id, join_order, version, points, correct_answers, correct_ms, answered, correct, rule,
    rule_version, streak_bonus)
  SELECT session_id, join_order, version, points, correct_answers, correct_ms, answered, correct, rule, rule_version,
    streak_bonus
  FROM gain
  ORDER BY session_id, join_order
  ON CONFLICT (session_id, join_order) DO UPDATE SET
    version = t.version + excluded.version,
    points = t.points + excluded.points,
    correct_answers = t.correct_answers + excluded.correct_answers,
    correct_ms = t.correct_ms + excluded.correct_ms,
    answered = t.answered | excluded.answered,
    correct = t.correct | excluded.correct
  RETURNING session_id, join_order, version, points, correct_answers, correct_ms, answered, correct
), progressed AS (
  INSERT INTO question_progress AS p (session_id, question_index, answer_count, question_id, points_possible,
    time_limit_ms, rule, rule_version, first_received_at)
  SELECT session_id, question_index, answer_count, question_id, points_possible, time_limit_ms, rule, rule_version,
    to_timestamp(first_received_at_ms / 1000)
  FROM (SELECT session_id, question_index, count(*) AS answer_count FROM inserted GROUP BY 1, 2) AS gained
    JOIN term USING (session_id, question_index)
  WHERE (SELECT count(*) FROM upserted) > 0
  ORDER BY session_id, question_index
  ON CONFLICT (session_id, question_index) DO UPDATE SET answer_count = p.answer_count + excluded.answer_count
  RETURNING session_id, question_index, answer_count
)
SELECT 'sums' AS kind, session_id, join_order, version, points, correct_answers, correct_ms, answered, correct
FROM upserted
UNION ALL
SELECT 'question', session_id, question_index, answer_count, NULL, NULL, NULL, NULL, NULL FROM progressed
UNION ALL
SELECT 'inserted', NULL, count(*), NULL, NULL, NULL, NULL, NULL, NULL FROM inserted`,
} as const

/**
 * What the ledger holds of answers of which some were counted before. Not part of the statement that records: all parts of
 * one statement see the database as it was at its start, so a row that another copy committed while we waited for its
 * key conflicts, and yet cannot be seen, and neither can the totals with that row in them. Were those published
 * and acknowledged here, and the other copy died before it published its own, the newer totals would reach
 * no board. This statement starts later and sees every row that conflicted.
 *
 * $1 session ids, $2 question indexes, $3 join orders; one of each per answer.
 *
 * Result: ResultRow (ledger.ts): the sums, the questions, the answers.
 */
export const readBackStatement = {
  name: 'read-back-answers',
  text: `
WITH answer AS (
  SELECT *
  FROM unnest($1::uuid[], $2::smallint[], $3::int[])
    WITH ORDINALITY AS a (session_id, question_index, join_order, place)
)
SELECT 'sums' AS kind, session_id, join_order, version, points, correct_answers, correct_ms, answered, correct,
  NULL::bytea AS answer_id
FROM totals JOIN (SELECT DISTINCT session_id, join_order FROM answer) AS p USING (session_id, join_order)
UNION ALL
SELECT 'question', session_id, question_index, answer_count, NULL, NULL, NULL, NULL, NULL, NULL
FROM question_progress JOIN (SELECT DISTINCT session_id, question_index FROM answer) AS q
  USING (session_id, question_index)
UNION ALL
SELECT 'answer', NULL, place, points, (${FULL_CREDIT})::int, NULL, NULL, NULL, NULL, answer_id
FROM answer JOIN ledger USING (session_id, question_index, join_order)`,
} as const
