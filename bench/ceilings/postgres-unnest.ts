import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { serveParent } from '../lib/processes.ts'
import { repeatFor, type Turn, type TurnReport } from './program.ts'

/** Rows of the ledger's shape into the ledger, one statement per batch, and nothing else; no totals, no result. */

const BATCH = 500

const INSERT = {
  name: 'insert',
  text: `INSERT INTO ledger (session_id, question_id, player_id, question_index, join_order, answer_id, choices,
    credit_numerator, credit_denominator, elapsed_ms, time_limit_ms, points_possible, rule, rule_version, points, received_at)
  SELECT $1, $2, player_id, 0, 1, player_id::text, '{1}', 1, 1, elapsed_ms, 20000, 1000, 'speed', 1, 900, now()
  FROM unnest($3::uuid[], $4::int[]) AS a (player_id, elapsed_ms)
  ON CONFLICT (session_id, question_id, player_id) DO NOTHING`,
}

let client: pg.Client
const sessionId = randomUUID()

const step = async (): Promise<number> => {
  const players = Array.from({ length: BATCH }, () => randomUUID())
  const elapsed = players.map((_, index) => index)
  const { rowCount } = await client.query({ ...INSERT, values: [sessionId, randomUUID(), players, elapsed] })
  if (rowCount !== BATCH) throw new Error(`${rowCount} rows instead of ${BATCH}`)
  return BATCH
}

serveParent(async (message: { kind: 'start'; url: string } | Turn): Promise<TurnReport | undefined> => {
  if (message.kind === 'turn') return repeatFor(message.seconds, step)
  client = new pg.Client({ connectionString: message.url })
  await client.connect()
  return undefined
})
