-- Up Migration

-- What a person played, newest first.
CREATE INDEX players_of_user ON players (user_id, id DESC) WHERE user_id IS NOT NULL;

-- Final places, written when the history of one of its players first needs them: ranking a session reads all of its players.
CREATE TABLE final_standings (
  session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  join_order integer NOT NULL,
  rank integer NOT NULL,
  score integer NOT NULL,
  correct_answers integer NOT NULL,
  PRIMARY KEY (session_id, join_order)
);

ALTER TABLE sessions
  -- Answers in the ledger when the places were written; NULL before. With another number they are out of date.
  ADD COLUMN ranked_answers bigint,
  ADD COLUMN ranked_players integer;

-- Down Migration

ALTER TABLE sessions DROP COLUMN ranked_answers, DROP COLUMN ranked_players;
DROP TABLE final_standings;
DROP INDEX players_of_user;
