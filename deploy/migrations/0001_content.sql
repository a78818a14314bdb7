-- Up Migration

CREATE TABLE quizzes (
  id uuid PRIMARY KEY,
  host_id text NOT NULL,
  title text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- A quiz does not change once it exists: sessions refer to its questions.
CREATE TABLE questions (
  id uuid PRIMARY KEY,
  quiz_id uuid NOT NULL REFERENCES quizzes (id) ON DELETE CASCADE,
  position integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('single_choice', 'multiple_choice', 'true_false', 'fill_blank')),
  prompt text NOT NULL,
  options text[] NOT NULL DEFAULT '{}',
  -- As in the HTTP API: option index, list of indexes, boolean, or list of accepted texts.
  correct jsonb NOT NULL,
  points integer,
  time_limit_seconds integer,
  difficulty text CHECK (difficulty IN ('easy', 'medium', 'hard')),
  explanation text,
  media_url text,
  UNIQUE (quiz_id, position)
);

-- Down Migration

DROP TABLE questions, quizzes;
