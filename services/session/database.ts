import pg from 'pg'
import { PodiumError } from '#platform/errors'
import { type Pool, transaction } from '#platform/pg'

/** A statement with a name is parsed and planned once per connection. */
export interface Statement {
  readonly name: string
  readonly text: string
}

export const sql = (name: string, text: string): Statement => ({ name: `session-${name}`, text })

export type Query = <Row extends object>(statement: Statement, values?: readonly unknown[]) => Promise<readonly Row[]>

/** Postgres with its outages told apart from our mistakes: the former are PodiumError `unavailable`. */
export interface Database {
  readonly query: Query
  /** Every query of `work` commits with the others or not at all. */
  transaction<T>(work: (query: Query) => Promise<T>, isolation?: 'repeatable read'): Promise<T>
}

const REPEATABLE_READ = sql('repeatable-read', 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')

export const createDatabase = (pool: Pool): Database => ({
  query: queryOf(pool),
  transaction: (work, isolation) =>
    translated(() =>
      transaction(pool, async (client) => {
        const query = queryOf(client)
        if (isolation !== undefined) await query(REPEATABLE_READ)
        return work(query)
      }),
    ),
})

const queryOf =
  (client: Pick<Pool, 'query'>): Query =>
  <Row extends object>({ name, text }: Statement, values: readonly unknown[] = []) =>
    translated(async () => {
      const { rows } = await client.query<Row>({ name, text, values: [...values] })
      return rows
    })

const translated = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (cause) {
    throw isOutage(cause) ? new PodiumError('unavailable', { cause }) : cause
  }
}

/** Connection lost, out of resources, shut down, cancelled or timed out, deadlock: the same may work in a moment. */
const TRANSIENT = /^(08|53|57|40|25P03|55P03)/

const isOutage = (cause: unknown): boolean => {
  if (cause instanceof pg.DatabaseError) return TRANSIENT.test(cause.code ?? '')
  if (!(cause instanceof Error) || cause instanceof PodiumError) return false
  // The driver's own errors have no class; system errors have a code such as ECONNREFUSED.
  return (
    /^E[A-Z]+$/.test((cause as NodeJS.ErrnoException).code ?? '') ||
    /connection|timeout|not queryable/i.test(cause.message)
  )
}
