-- Up Migration

-- Whether players of the session may still have nicknames, user ids and typed answers.
ALTER TABLE sessions ADD COLUMN personal boolean NOT NULL DEFAULT true;
CREATE INDEX sessions_personal ON sessions (finished_at) WHERE personal AND finished_at IS NOT NULL;

-- Replaces what players typed by a digest of the answer's id and the text, which `verify` can compare with. The only change of a
-- ledger row that there is: no service may UPDATE the ledger, and this function does nothing else. Returns how many there were.
CREATE FUNCTION erase_typed_answers(session uuid, players integer[]) RETURNS integer LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp
AS $$
  WITH erased AS (
    UPDATE ledger SET answer = '~' || encode(sha256(answer_id || convert_to(substr(answer, 2), 'UTF8')), 'hex')
    WHERE session_id = session AND join_order = ANY (players) AND answer LIKE '=%'
    RETURNING 1
  )
  SELECT count(*)::integer FROM erased
$$;
REVOKE ALL ON FUNCTION erase_typed_answers FROM PUBLIC;

-- Down Migration

DROP FUNCTION erase_typed_answers;
DROP INDEX sessions_personal;
ALTER TABLE sessions DROP COLUMN personal;
