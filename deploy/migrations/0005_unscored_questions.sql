-- Up Migration

-- Indexes of the questions of kinds without points, such as polls: streaks pass over them.
ALTER TABLE sessions ADD COLUMN unscored integer[] NOT NULL DEFAULT '{}';

-- Down Migration

ALTER TABLE sessions DROP COLUMN unscored;
