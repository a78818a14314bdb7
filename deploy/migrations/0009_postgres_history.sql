-- Up Migration

-- The history of Postgres ('system identifier/timeline') that sessions and ledger were last reconciled with; the one row is
-- written by `session`. A failover or a restore begins a new timeline, and brings the row of the old one along.
CREATE TABLE postgres_history (
  id boolean PRIMARY KEY DEFAULT true CHECK (id),
  history text NOT NULL,
  reconciled_at timestamptz NOT NULL DEFAULT now()
);

-- Down Migration

DROP TABLE postgres_history;
