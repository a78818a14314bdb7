CREATE TABLE participants (session_id uuid NOT NULL, user_id text NOT NULL, PRIMARY KEY (session_id, user_id));
CREATE TABLE questions (
  id uuid PRIMARY KEY,
  session_id uuid NOT NULL,
  correct integer NOT NULL,
  opened_at timestamptz NOT NULL DEFAULT now(),
  closes_at timestamptz NOT NULL
);
CREATE TABLE answers (
  question_id uuid NOT NULL,
  user_id text NOT NULL,
  answer_id uuid NOT NULL,
  choice integer NOT NULL,
  points integer NOT NULL,
  answered_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (question_id, user_id)
);
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  session_id uuid NOT NULL,
  user_id text NOT NULL,
  answer_id uuid NOT NULL,
  points integer NOT NULL
);
