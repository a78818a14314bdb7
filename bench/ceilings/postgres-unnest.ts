import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { newId } from '#platform/ids'
import { serveParent } from '../lib/processes.ts'
import { repeatFor, type Turn, type TurnReport } from './program.ts'

/** Rows of the ledger's shape into the ledger, one statement per batch, and nothing else; no totals, no result. */

const BATCH = 500

const INSERT = {
  name: 'insert',
  text: `INSERT INTO ledger (session_id, received_low_ms, timing, points, join_order, question_index, credit, answer_id, answer)
  SELECT $1, 0, timing, 900, join_order, $2, 129, answer_id, '1'
  FROM unnest($3::int[], $4::bytea[], $5::int[]) AS a (join_order, answer_id, timing)
  ON CONFLICT (session_id, join_order, question_index) DO NOTHING`,
}

let client: pg.Client
const sessionId = newId()
let question = 0

const step = async (): Promise<number> => {
  question += 1
  const players = Array.from({ length: BATCH }, (_, index) => index + (question >> 14) * BATCH)
  const ids = players.map(() => `\\\\x${randomUUID().replaceAll('-', '')}`)
  const values = [sessionId, question & 0x3fff, players, `{${ids.join(',')}}`, players]
  const { rowCount } = await client.query({ ...INSERT, values })
  if (rowCount !== BATCH) throw new Error(`${rowCount} rows instead of ${BATCH}`)
  return BATCH
}

serveParent(async (message: { kind: 'start'; url: string } | Turn): Promise<TurnReport | undefined> => {
  if (message.kind === 'turn') return repeatFor(message.seconds, step)
  client = new pg.Client({ connectionString: message.url })
  await client.connect()
  return undefined
})
