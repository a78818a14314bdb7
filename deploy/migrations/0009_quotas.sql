-- Up Migration

-- What a host has, for quotas.
CREATE INDEX sessions_live_of_host ON sessions (host_id) WHERE status NOT IN ('finished', 'cancelled');

-- Down Migration

DROP INDEX sessions_live_of_host;
