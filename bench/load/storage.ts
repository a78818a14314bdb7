import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import pg from 'pg'
import { streams } from '#platform/contract/streams'
import { natsOptions } from '#platform/nats'
import type { Stack } from '../../deploy/local/stack.ts'

const STREAMS = [streams.answers, streams.evaluations, streams.scores, streams.feed]
const TABLES = [
  'ledger',
  'totals',
  'question_progress',
  'players',
  'session_questions',
  'sessions',
  'quizzes',
  'questions',
]

/** Bytes on disk: of a stored message, of its share of one answer, and of a row with its part of every index. */
export const measureStorage = async (stack: Stack, answers: number): Promise<Readonly<Record<string, number>>> => ({
  ...(await ofStreams(stack.urls.nats, answers)),
  ...(await ofTables(stack.urls.postgres)),
})

const ofStreams = async (url: string, answers: number): Promise<Record<string, number>> => {
  const nats = await connect(natsOptions(url, 'admin'))
  const manager = await jetstreamManager(nats)
  const bytes: Record<string, number> = {}
  for (const name of STREAMS) {
    const { state } = await manager.streams.info(name)
    bytes[`${name}, message`] = Math.round(state.bytes / state.messages)
    bytes[`${name}, per answer`] = Math.round(state.bytes / answers)
  }
  await nats.close()
  return bytes
}

const ofTables = async (url: string): Promise<Record<string, number>> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const bytes: Record<string, number> = {}
  for (const table of TABLES) {
    const { rows } = await client.query<{ rows: string; bytes: string }>(
      `SELECT (SELECT count(*) FROM ${table}) AS rows, pg_total_relation_size('${table}') AS bytes`,
    )
    const [row] = rows
    const count = Number(row?.rows ?? 0)
    if (count > 0) bytes[`${table}, row`] = Math.round(Number(row?.bytes) / count)
  }
  await client.end()
  return bytes
}
