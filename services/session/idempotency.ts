import { createHash } from 'node:crypto'
import { PodiumError } from '#platform/errors'
import type { RequestName } from '../game/session/admission.ts'
import { type Database, type Query, sql } from './database.ts'

/** A result is repeated for this long. */
const KEPT = "interval '24 hours'"

/** Waits for a transaction that is writing the same name, and writes nothing when that commits. */
const CLAIM = sql(
  'idempotency-claim',
  `INSERT INTO idempotency AS known (id, fingerprint, result)
   SELECT decode(entry.id, 'hex'), decode(entry.fingerprint, 'hex'), entry.result
     FROM unnest($1::text[], $2::text[], $3::jsonb[]) AS entry (id, fingerprint, result)
   ON CONFLICT (id) DO UPDATE
     SET fingerprint = excluded.fingerprint, result = excluded.result, created_at = now()
   WHERE known.created_at < now() - ${KEPT}
   RETURNING id`,
)

const FIND = sql(
  'idempotency-find',
  `SELECT encode(id, 'hex') AS id, encode(fingerprint, 'hex') AS fingerprint, result
     FROM idempotency
    WHERE id = ANY (SELECT decode(asked, 'hex') FROM unnest($1::text[]) AS asked) AND created_at >= now() - ${KEPT}`,
)

/** A limited number at a time, so that no statement takes long. */
const SWEEP = sql(
  'idempotency-sweep',
  `DELETE FROM idempotency
    WHERE id IN (SELECT id FROM idempotency WHERE created_at < now() - ${KEPT} ORDER BY created_at LIMIT 1000)`,
)

/** A request that was answered before. */
export interface NamedResult<Result> extends RequestName {
  readonly result: Result
}

/** Names a request by its caller, its operation and the caller's key. `content`: everything that a repeat has to repeat. */
export const requestName = (
  key: string | undefined,
  caller: string,
  operation: string,
  content: string | Uint8Array,
): RequestName | undefined => {
  if (key === undefined) return undefined
  return {
    id: createHash('sha256')
      .update(JSON.stringify([caller, operation, key]))
      .digest('hex'),
    fingerprint: createHash('sha256').update(content).digest('hex'),
  }
}

export const findNamed = <Result>(query: Query, ids: readonly string[]): Promise<readonly NamedResult<Result>[]> =>
  query<NamedResult<Result>>(FIND, [ids])

/** Returns whether all of them were free. */
export const claimNames = async (query: Query, entries: readonly NamedResult<unknown>[]): Promise<boolean> => {
  const claimed = await query(CLAIM, [
    entries.map(({ id }) => id),
    entries.map(({ fingerprint }) => fingerprint),
    entries.map(({ result }) => JSON.stringify(result)),
  ])
  return claimed.length === entries.length
}

export type Idempotency = ReturnType<typeof createIdempotency>

export const createIdempotency = ({ query, transaction }: Database) => {
  const earlier = async <Result>(name: RequestName, inside: Query): Promise<Result | undefined> => {
    const [found] = await findNamed<Result>(inside, [name.id])
    if (found === undefined) return undefined
    if (found.fingerprint !== name.fingerprint) throw new PodiumError('idempotency-key-reused')
    return found.result
  }

  return {
    /** The result of an earlier request of this name. @throws PodiumError `idempotency-key-reused` when it had other content */
    earlier: async <Result>(name: RequestName | undefined): Promise<Result | undefined> =>
      name === undefined ? undefined : earlier<Result>(name, query),

    /**
     * Runs `write` and keeps `result` under the name in the same transaction, so that of several requests one writes and all
     * get its result. Undefined, with nothing kept, when `write` returns false.
     * @throws PodiumError `idempotency-key-reused`
     */
    once: async <Result>(
      name: RequestName | undefined,
      result: Result,
      write: (query: Query) => Promise<boolean>,
    ): Promise<{ readonly result: Result; readonly isRepeat: boolean } | undefined> => {
      if (name === undefined) return (await write(query)) ? { result, isRepeat: false } : undefined
      try {
        return await transaction(async (inside) => {
          if (await claimNames(inside, [{ ...name, result }])) {
            if (!(await write(inside))) throw new NothingWritten()
            return { result, isRepeat: false }
          }
          const first = await earlier<Result>(name, inside)
          if (first === undefined) throw new PodiumError('unavailable')
          return { result: first, isRepeat: true }
        })
      } catch (error) {
        if (error instanceof NothingWritten) return undefined
        throw error
      }
    },

    /** Forgets what is older than a day. */
    sweep: async (): Promise<void> => {
      await query(SWEEP)
    },
  }
}

/** Rolls the transaction back. */
class NothingWritten extends Error {}
