-- Up Migration

-- Kinds are stated in services/game/kinds, which checks every question before it is stored.
ALTER TABLE questions DROP CONSTRAINT questions_kind_check;
-- NULL for kinds without a key of their own.
ALTER TABLE questions ALTER COLUMN correct DROP NOT NULL;

-- The versions of the rules that a session is played with, chosen when it is created. Sessions from before have the first.
ALTER TABLE sessions
  ADD COLUMN scoring_version smallint NOT NULL DEFAULT 1,
  ADD COLUMN text_version smallint NOT NULL DEFAULT 1;

-- Down Migration

ALTER TABLE sessions DROP COLUMN scoring_version, DROP COLUMN text_version;
ALTER TABLE questions ALTER COLUMN correct SET NOT NULL;
ALTER TABLE questions ADD CONSTRAINT questions_kind_check
  CHECK (kind IN ('single_choice', 'multiple_choice', 'true_false', 'fill_blank'));
