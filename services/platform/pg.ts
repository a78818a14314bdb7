import pg from 'pg'
import { PodiumError } from './errors.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Logger } from './logger.ts'
import { measuredClient, observePool } from './telemetry/stores.ts'
import { noTelemetry, type Telemetry } from './telemetry.ts'

export type { Pool, PoolClient } from 'pg'

/** Times after which a statement or a wait for a connection is given up; below the ack_wait of the consumers. */
const STATEMENT_TIMEOUT_MS = 8_000
/** The same for a server that has stopped answering, or is behind a line that swallows everything. */
const QUERY_TIMEOUT_MS = 10_000
const CONNECT_TIMEOUT_MS = 5_000
/** A process that is suspended in a transaction (SIGSTOP, a dead machine) holds its locks for no longer than this. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 3_000

/**
 * A pool that survives the loss of its connections and is closed at stop. bigint columns come as numbers. Statements are
 * timed by their names, and shown in the trace that is given with them (`traced`) or is the current one.
 */
export const createPool = (options: {
  url: string
  name: string
  logger: Logger
  lifecycle: Lifecycle
  /** Connections at the most. Default 8. */
  max?: number
  telemetry?: Telemetry
  /** Whether its connections and those who wait are metrics, of which a process has one set. Default true. */
  isObserved?: boolean
  /** Before a new connection is used; one for which it rejects is closed, and who asked for it gets the error. */
  check?: (client: pg.PoolClient) => Promise<void>
}): pg.Pool => {
  const { telemetry = noTelemetry(), isObserved = true, check } = options
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.name,
    max: options.max ?? 8,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    types: { getTypeParser: parserOf },
    Client: measuredClient(telemetry),
    ...(check !== undefined && {
      verify: (client: pg.PoolClient, done: (err?: Error) => void) => check(client).then(() => done(), done),
    }),
  })
  if (isObserved) observePool(telemetry.metrics, pool)
  // Without a listener the error of an idle connection would end the process.
  pool.on('error', (err) => options.logger.warn({ err }, 'idle Postgres connection lost'))
  options.lifecycle.onStop('postgres', () => pool.end())
  return pool
}

/** A check for readiness: whether this process reaches its database. */
export const answersQueries = (pool: pg.Pool) => async (): Promise<boolean> => {
  await pool.query('SELECT 1')
  return true
}

const INT8 = 20
/** Every bigint of ours (ids of the outbox, sums of milliseconds) stays far below 2^53. */
const parserOf = ((oid: number, format?: 'text' | 'binary') =>
  oid === INT8 && format !== 'binary'
    ? Number
    : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser

/** Runs `work` in one transaction; rolls back and throws on when it throws. */
export const transaction = async <T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
  const client = await pool.connect()
  let broken: Error | undefined
  // The pool listens to idle clients only: without this a connection lost in mid-transaction would end the process.
  const onError = (err: Error): void => {
    broken = err
  }
  client.on('error', onError)
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (err) {
    await client.query('ROLLBACK').catch((cause: Error) => {
      broken = cause
    })
    throw err
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}

/**
 * True when Postgres refused a statement because of the values in it (SQLSTATE classes 22, data exception, and 23,
 * constraint violation): the same values will be refused again. Everything else may be transient.
 */
export const isDataFault = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? '')

/** Any error of Postgres or its driver that is not a data fault as `unavailable`: a lost connection, a deadlock, a timeout. */
export const toUnavailable = (cause: unknown): PodiumError => new PodiumError('unavailable', { cause })
