-- Up Migration

-- Requests with an Idempotency-Key: the result that a repeat gets. Kept for a day.
CREATE TABLE idempotency (
  -- Hash of caller, operation and key: neither a person nor the key can be read from it.
  id bytea PRIMARY KEY,
  -- Hash of the request's content.
  fingerprint bytea NOT NULL,
  -- What the first request made, as JSON.
  result jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX idempotency_created ON idempotency (created_at);

-- A host's own sessions, newest first.
CREATE INDEX sessions_of_host ON sessions (host_id, created_at DESC, id DESC);

-- When the host started it; for the list of sessions.
ALTER TABLE sessions ADD COLUMN started_at timestamptz;

-- Down Migration

ALTER TABLE sessions DROP COLUMN started_at;
DROP INDEX sessions_of_host;
DROP TABLE idempotency;
