-- Up Migration

ALTER TABLE quizzes
  ADD COLUMN language text,
  ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
  ADD COLUMN updated_at timestamptz,
  -- Grows with every change. Sessions keep the questions of the revision that they were created with.
  ADD COLUMN revision integer NOT NULL DEFAULT 1,
  ADD COLUMN question_count integer NOT NULL DEFAULT 0,
  -- The title in the form in which it is searched.
  ADD COLUMN search_text text NOT NULL DEFAULT '',
  -- Not to be seen any more; the row stays for the sessions that were played with it.
  ADD COLUMN deleted_at timestamptz;

UPDATE quizzes SET updated_at = created_at, search_text = lower(title),
       question_count = (SELECT count(*) FROM questions WHERE quiz_id = quizzes.id);

ALTER TABLE quizzes ALTER COLUMN updated_at SET NOT NULL, ALTER COLUMN updated_at SET DEFAULT now();

-- A host's own quizzes, newest change first.
CREATE INDEX quizzes_of_host ON quizzes (host_id, updated_at DESC, id DESC) WHERE deleted_at IS NULL;

ALTER TABLE questions
  ADD COLUMN revision integer NOT NULL DEFAULT 1,
  ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
  ADD COLUMN language text,
  -- {kind, url, alt?, durationMs?}; NULL where media_url is all there is.
  ADD COLUMN media jsonb,
  -- The same by index of the option.
  ADD COLUMN option_media jsonb,
  DROP CONSTRAINT questions_quiz_id_position_key,
  ADD CONSTRAINT questions_place UNIQUE (quiz_id, revision, position);

ALTER TABLE sessions ADD COLUMN quiz_revision integer NOT NULL DEFAULT 1;

-- Which revisions are still needed.
CREATE INDEX sessions_of_quiz ON sessions (quiz_id, quiz_revision);

-- A question is deleted with its revision, when no session has that: looking through all questions of all sessions for
-- each one would need another index on the largest table here.
ALTER TABLE session_questions DROP CONSTRAINT session_questions_question_id_fkey;

-- Down Migration

ALTER TABLE session_questions ADD CONSTRAINT session_questions_question_id_fkey
  FOREIGN KEY (question_id) REFERENCES questions (id);
DROP INDEX sessions_of_quiz;
ALTER TABLE sessions DROP COLUMN quiz_revision;
ALTER TABLE questions
  DROP CONSTRAINT questions_place,
  DROP COLUMN revision, DROP COLUMN tags, DROP COLUMN language, DROP COLUMN media, DROP COLUMN option_media,
  ADD CONSTRAINT questions_quiz_id_position_key UNIQUE (quiz_id, position);
DROP INDEX quizzes_of_host;
ALTER TABLE quizzes
  DROP COLUMN language, DROP COLUMN tags, DROP COLUMN updated_at, DROP COLUMN revision, DROP COLUMN question_count,
  DROP COLUMN search_text, DROP COLUMN deleted_at;
