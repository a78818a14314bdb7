-- Up Migration

-- The ledger in narrow rows, and by month: what all answers to a question have in common stands once per question, a
-- player is the number that he or she joined with, and a month of sessions is a partition that can be archived and
-- dropped. Every row is kept. Takes some 40 s per million answers (two busy cores); until it is done no answer is scored, and answers that
-- are accepted meanwhile wait in their stream.

-- The first answer to a question writes its terms; each batch of answers adds to its count.
ALTER TABLE question_progress
  ADD COLUMN question_id uuid,
  ADD COLUMN points_possible integer,
  ADD COLUMN time_limit_ms integer,
  ADD COLUMN rule text,
  ADD COLUMN rule_version smallint,
  -- When one of the first answers was received; completes ledger.received_low_ms.
  ADD COLUMN first_received_at timestamptz;

UPDATE question_progress AS p SET question_id = l.question_id, points_possible = l.points_possible,
  time_limit_ms = l.time_limit_ms, rule = l.rule, rule_version = l.rule_version, first_received_at = l.received_at
FROM (SELECT DISTINCT ON (session_id, question_id) * FROM ledger ORDER BY session_id, question_id, received_at) AS l
WHERE l.session_id = p.session_id AND l.question_index = p.question_index;

-- Rows without any answer in the ledger cannot be told apart from no row at all.
DELETE FROM question_progress WHERE question_id IS NULL;

ALTER TABLE question_progress
  ALTER COLUMN question_id SET NOT NULL,
  ALTER COLUMN points_possible SET NOT NULL,
  ALTER COLUMN time_limit_ms SET NOT NULL,
  ALTER COLUMN rule SET NOT NULL,
  ALTER COLUMN rule_version SET NOT NULL,
  ALTER COLUMN first_received_at SET NOT NULL;

-- Made anew rather than altered: a dropped column would stay in every row as a NULL.
ALTER TABLE totals RENAME TO totals_before;
ALTER INDEX totals_pkey RENAME TO totals_before_pkey;

-- One row per player: the fold of the ledger, changed in the same statement that inserts into it.
CREATE TABLE totals (
  session_id uuid NOT NULL,
  -- The player's number in the session (players.join_order).
  join_order integer NOT NULL,
  -- Ledger rows folded in.
  version integer NOT NULL,
  -- Sum of ledger points; a streak bonus is a function of the bit strings and is added when read.
  points integer NOT NULL,
  correct_answers integer NOT NULL,
  correct_ms bigint NOT NULL,
  -- Bit i: question i was answered / answered with full credit. Length = questions of the session.
  answered varbit NOT NULL,
  correct varbit NOT NULL,
  rule text NOT NULL,
  rule_version smallint NOT NULL,
  streak_bonus boolean NOT NULL,
  PRIMARY KEY (session_id, join_order)
)
-- A row changes with every answer of its player. Half a page is left free, so that the new version finds room on the page
-- of the old one and the index need not change (a heap-only update).
WITH (fillfactor = 50);

INSERT INTO totals
SELECT session_id, join_order, version, points, correct_answers, correct_ms, answered, correct, rule, rule_version,
  streak_bonus
FROM totals_before ORDER BY session_id, join_order;

ALTER TABLE ledger RENAME TO ledger_before;
ALTER INDEX ledger_pkey RENAME TO ledger_before_pkey;

-- One row per scored answer: with question_progress every input of its points. Append-only; the primary key is the final
-- proof that an answer counts once. The order of the columns leaves no gaps, none is ever NULL, and 2 bytes are left
-- before a row takes 8 more. The player comes before the question in the key because that keeps the index's pages
-- fuller (52 bytes an answer instead of 57 to 67).
CREATE TABLE ledger (
  -- A UUID of version 7: it begins with the time, so the sessions of a month are a range.
  session_id uuid NOT NULL,
  -- The lower 32 bits of the time of receipt (ms since the Unix epoch); question_progress.first_received_at is close by.
  received_low_ms integer NOT NULL,
  elapsed_ms integer NOT NULL,
  points integer NOT NULL,
  -- The player's number in the session (players.join_order).
  join_order integer NOT NULL,
  question_index smallint NOT NULL,
  -- The fraction as denominator * 128 + numerator; full credit is a multiple of 129.
  credit smallint NOT NULL,
  -- A UUID as its 16 bytes, any other id as its characters after one 0, or two where that were 16 bytes.
  answer_id bytea NOT NULL,
  -- Options as base-36 digits: '2', '301'. A typed text after '='. After '~' the digest of a text that was erased.
  answer text NOT NULL,
  PRIMARY KEY (session_id, join_order, question_index)
) PARTITION BY RANGE (session_id);

-- Sessions of months without a partition, so that no answer waits for one.
CREATE TABLE ledger_other PARTITION OF ledger DEFAULT;

-- The smallest UUID of version 7 that can be made from this time on.
CREATE FUNCTION first_id_at(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT
SET search_path = pg_catalog
AS $$ SELECT rpad(lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0'), 32, '0')::uuid $$;

-- Makes the partitions of the ledger for a month and those that follow it, with the rows that ledger_other has of them.
-- Returns how many were missing. Runs with the rights of the tables' owner, so that `session` can call it.
CREATE FUNCTION make_ledger_partitions(first_month date, months integer) RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC'
AS $$
DECLARE
  month timestamptz;
  made integer := 0;
BEGIN
  -- Callers that come at the same time wait for each other, answers for none of them.
  PERFORM pg_advisory_xact_lock(hashtext('make_ledger_partitions'));
  FOR place IN 0 .. least(months, 1200) - 1 LOOP
    month := date_trunc('month', first_month::timestamp) + make_interval(months => place);
    DECLARE
      name text := 'ledger_' || to_char(month, 'YYYY_MM');
      low uuid := first_id_at(month);
      high uuid := first_id_at(month + interval '1 month');
    BEGIN
      CONTINUE WHEN to_regclass(name) IS NOT NULL;
      EXECUTE format('CREATE TABLE %I (LIKE ledger INCLUDING ALL)', name);
      LOCK TABLE ledger_other IN ACCESS EXCLUSIVE MODE;
      EXECUTE format('WITH moved AS (DELETE FROM ledger_other WHERE session_id >= %L AND session_id < %L RETURNING *) '
        'INSERT INTO %I SELECT * FROM moved', low, high, name);
      EXECUTE format('ALTER TABLE ledger ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, low, high);
      made := made + 1;
    END;
  END LOOP;
  RETURN made;
END $$;
REVOKE ALL ON FUNCTION make_ledger_partitions FROM PUBLIC;

-- From the month of the first session to the second month from now. An id that is no UUID of version 7 says nothing of a
-- time and stays in ledger_other.
DO $$
DECLARE
  latest timestamp := date_trunc('month', now() AT TIME ZONE 'UTC');
  earliest timestamp := coalesce(
    (SELECT date_trunc('month', min(uuid_extract_timestamp(session_id)) AT TIME ZONE 'UTC')
     FROM question_progress WHERE uuid_extract_version(session_id) = 7), latest);
  between_them interval := age(latest, least(earliest, latest));
BEGIN
  PERFORM make_ledger_partitions(least(earliest, latest)::date,
    (extract(year FROM between_them) * 12 + extract(month FROM between_them))::integer + 3);
END $$;

INSERT INTO ledger
SELECT session_id, (((round(extract(epoch FROM received_at) * 1000)::bigint + 2147483648) & 4294967295) - 2147483648)::integer,
  elapsed_ms, points, join_order, question_index::smallint, (credit_denominator * 128 + credit_numerator)::smallint,
  CASE WHEN answer_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' THEN uuid_send(answer_id::uuid)
    ELSE CASE length(answer_id) WHEN 15 THEN '\x0000'::bytea ELSE '\x00' END || convert_to(answer_id, 'UTF8') END,
  CASE WHEN answer_text IS NOT NULL THEN '=' || answer_text ELSE array_to_string(choices, '') END
FROM ledger_before ORDER BY session_id, join_order, question_index;

DO $$ BEGIN
  IF (SELECT count(*) FROM ledger JOIN question_progress USING (session_id, question_index))
    <> (SELECT count(*) FROM ledger_before) THEN
    RAISE EXCEPTION 'the ledger was not copied whole';
  END IF;
END $$;

DROP TABLE ledger_before, totals_before;

-- Down Migration

-- The wide rows cannot be told from the narrow ones alone once months were archived.
DO $$ BEGIN RAISE EXCEPTION 'restore a backup instead'; END $$;
