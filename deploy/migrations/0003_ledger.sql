-- Up Migration

-- One row per scored answer with every input of its points. Append-only; the primary key is the final proof that an
-- answer counts once.
CREATE TABLE ledger (
  session_id uuid NOT NULL,
  question_id uuid NOT NULL,
  player_id uuid NOT NULL,
  question_index integer NOT NULL,
  join_order integer NOT NULL,
  answer_id text NOT NULL,
  choices smallint[] NOT NULL,
  answer_text text,
  credit_numerator integer NOT NULL,
  credit_denominator integer NOT NULL,
  elapsed_ms integer NOT NULL,
  time_limit_ms integer NOT NULL,
  points_possible integer NOT NULL,
  rule text NOT NULL,
  rule_version smallint NOT NULL,
  points integer NOT NULL,
  received_at timestamptz NOT NULL,
  scored_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (session_id, question_id, player_id)
);

-- One row per player: the fold of the ledger, changed in the same statement that inserts into it.
CREATE TABLE totals (
  session_id uuid NOT NULL,
  player_id uuid NOT NULL,
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
  PRIMARY KEY (session_id, player_id)
)
-- A row changes with every answer of its player. Half a page is left free, so that the new version finds room on the page
-- of the old one and the index need not change (a heap-only update).
WITH (fillfactor = 50);

-- Ledger rows per question, so that no query has to count them.
CREATE TABLE question_progress (
  session_id uuid NOT NULL,
  question_index integer NOT NULL,
  answer_count integer NOT NULL,
  PRIMARY KEY (session_id, question_index)
);

-- How often a board was built from the ledger; the epoch of its deltas.
CREATE TABLE boards (
  session_id uuid PRIMARY KEY,
  epoch integer NOT NULL
);

-- Down Migration

DROP TABLE boards, question_progress, totals, ledger;
