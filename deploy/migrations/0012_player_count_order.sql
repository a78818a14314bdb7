-- Up Migration

-- When player_count was last set, in milliseconds since 1970: of two counts an edge hears, the one with the greater time is the newer.
-- It only grows, also with a clock that is set back; as a time, and not a number of changes, it grows across a restored backup too.
ALTER TABLE sessions ADD COLUMN counted_at double precision NOT NULL DEFAULT 0;

CREATE FUNCTION set_counted_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.counted_at := greatest(OLD.counted_at + 1, floor(extract(epoch FROM clock_timestamp()) * 1000));
  RETURN NEW;
END $$;

CREATE TRIGGER sessions_counted_at BEFORE UPDATE OF player_count ON sessions
  FOR EACH ROW EXECUTE FUNCTION set_counted_at();

-- Down Migration

DROP TRIGGER sessions_counted_at ON sessions;
DROP FUNCTION set_counted_at();
ALTER TABLE sessions DROP COLUMN counted_at;
