-- Up Migration

CREATE TABLE sessions (
  id uuid PRIMARY KEY,
  quiz_id uuid NOT NULL REFERENCES quizzes (id),
  host_id text NOT NULL,
  title text NOT NULL,
  join_code text NOT NULL,
  -- The state machine's whole state. Changed only together with epoch: UPDATE … WHERE epoch = $n.
  state jsonb NOT NULL,
  status text NOT NULL,
  epoch integer NOT NULL,
  settings jsonb NOT NULL,
  -- Seeds the order of questions and options.
  seed bigint NOT NULL,
  question_count integer NOT NULL,
  -- Joining players take a number and a seat under this row's lock.
  next_join_order integer NOT NULL DEFAULT 1,
  player_count integer NOT NULL DEFAULT 0,
  -- When the session next moves by itself; a safety net below the timers.
  due_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);

-- A join code names one session that is not over.
CREATE UNIQUE INDEX sessions_live_join_code ON sessions (join_code) WHERE status NOT IN ('finished', 'cancelled');
CREATE INDEX sessions_due ON sessions (due_at) WHERE due_at IS NOT NULL;

-- The questions of one session in the order of play; what the evaluator reads.
CREATE TABLE session_questions (
  session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  index integer NOT NULL,
  question_id uuid NOT NULL REFERENCES questions (id),
  kind text NOT NULL,
  -- Element i is the quiz's index of the option shown at i.
  option_order smallint[] NOT NULL DEFAULT '{}',
  -- The key in terms of the options as shown: {"options": [..]} or {"texts": [..]}; true/false: {"options": [0]} is true.
  key jsonb NOT NULL,
  points integer NOT NULL,
  time_limit_ms integer NOT NULL,
  PRIMARY KEY (session_id, index)
);

CREATE TABLE players (
  id uuid PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  -- NULL for a guest.
  user_id text,
  -- The only place of a person's name.
  nickname text NOT NULL,
  nickname_key text NOT NULL,
  join_order integer NOT NULL,
  -- joined, left, removed
  status text NOT NULL DEFAULT 'joined' CHECK (status IN ('joined', 'left', 'removed')),
  -- Grows with every resume on another device.
  generation integer NOT NULL DEFAULT 1,
  joined_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (session_id, user_id),
  UNIQUE (session_id, nickname_key),
  UNIQUE (session_id, join_order)
);

-- Messages that must be published because their transaction committed; deleted once JetStream has them.
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  session_id uuid NOT NULL,
  subject text NOT NULL,
  payload bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX outbox_session ON outbox (session_id, id);

-- Down Migration

DROP TABLE outbox, players, session_questions, sessions;
