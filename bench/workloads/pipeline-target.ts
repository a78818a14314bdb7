import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import pg from 'pg'
import { natsOptions } from '#platform/nats'
import type { Stack } from '../../deploy/local/stack.ts'
import { type AnyStack, answerRequest, type Crowd, openEverywhere, watchBacklog } from '../lib/crowd.ts'
import { stackCpu } from '../lib/processes.ts'
import type { Check, ScenarioContext } from '../lib/scenario.ts'
import type { Target } from './round.ts'

/** As many players as the top of a board shows: its boards come with the shortest tick. */
export const WATCHED_PLAYERS = 10

/** Verified after the run. */
const VERIFIED = 20

type Side = Pick<Target, 'name' | 'checks'> & {
  readonly stack: AnyStack
  readonly crowds: readonly Crowd[]
  /** So many of the crowds, the first ones, are small and watched. */
  readonly watched: number
  /** Players of the others answer over a WebSocket each, on which they get their boards as well. */
  readonly isOverSockets?: boolean
}

/** Small watched sessions and large ones. Watched players are always right, so that each answer shows as a higher score. */
export const pipelineTarget = async (
  { defer }: Pick<ScenarioContext, 'defer'>,
  { name, checks, stack, crowds, watched, isOverSockets = false }: Side,
): Promise<Target> => {
  const backlog = await watchBacklog(stack)
  defer(backlog.close)
  return {
    name,
    port: Number(new URL(stack.urls.edge).port),
    feed: 'podium',
    streams: crowds
      .slice(0, watched)
      .flatMap(({ sessionId, players }) =>
        players.map(({ token }) => ({ path: `/v1/sessions/${sessionId}/ws`, token })),
      ),
    groupSize: WATCHED_PLAYERS,
    open: async () => {
      const requests = await openEverywhere(crowds)
      return requests.map((request, index) => {
        if (index < watched * WATCHED_PLAYERS) return request
        const { sessionId, questionId, token } = request
        const answer = answerRequest(sessionId, token, questionId, Math.floor(Math.random() * 4))
        return isOverSockets ? { ...answer, path: `/v1/sessions/${sessionId}/ws?board=changes`, isFrame: true } : answer
      })
    },
    cpu: () => stackCpu(stack as Stack),
    drained: backlog.empty,
    checks,
  }
}

/** Some of them, spread over all. */
export const sampleOf = (crowds: readonly Crowd[]): readonly string[] => {
  const step = Math.max(1, Math.floor(crowds.length / VERIFIED))
  return crowds.filter((_, index) => index % step === 0).map(({ sessionId }) => sessionId)
}

const withDatabase = async <T>(
  { urls }: Pick<AnyStack, 'urls'>,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> => {
  const client = new pg.Client({ connectionString: urls.postgres })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

/** All answers of a stack. */
export const ledgerCheck = async (name: string, stack: Pick<AnyStack, 'urls'>, accepted: number): Promise<Check> => {
  const rows = await withDatabase(stack, async (client) => {
    const result = await client.query('SELECT count(*)::int AS rows FROM ledger')
    return result.rows[0].rows as number
  })
  return {
    sentence: `${name}: ${accepted} answers were accepted and ${rows} are in the ledger`,
    holds: accepted === rows,
  }
}

/** Bytes and messages of every stream. */
export type StreamSizes = ReadonlyMap<string, { readonly bytes: number; readonly messages: number }>

export const streamSizes = async ({ urls }: Pick<AnyStack, 'urls'>): Promise<StreamSizes> => {
  const nats = await connect(natsOptions(urls.nats, 'admin'))
  try {
    const sizes = new Map<string, { bytes: number; messages: number }>()
    for await (const { config, state } of (await jetstreamManager(nats)).streams.list()) {
      sizes.set(config.name, { bytes: state.bytes, messages: state.messages })
    }
    return sizes
  } finally {
    await nats.close()
  }
}

/** What so many answers added to all streams, per answer. */
export const streamBytesPerAnswer = (before: StreamSizes, after: StreamSizes, answers: number): number => {
  let bytes = 0
  for (const [name, size] of after) bytes += size.bytes - (before.get(name)?.bytes ?? 0)
  return bytes / answers
}

const TABLES = ['ledger', 'totals', 'question_progress', 'players', 'session_questions', 'sessions', 'quizzes']

/** Bytes on disk of a row with its part of every index, by table. */
export const rowBytes = (stack: Pick<AnyStack, 'urls'>): Promise<Readonly<Record<string, number>>> =>
  withDatabase(stack, async (client) => {
    const bytes: Record<string, number> = {}
    for (const table of TABLES) {
      const { rows } = await client.query(
        // A table that is partitioned has no size of its own.
        `SELECT (pg_total_relation_size('${table}') + coalesce((SELECT sum(pg_total_relation_size(relid))
             FROM pg_partition_tree('${table}') WHERE isleaf), 0))::float8 / nullif(count(*), 0) AS bytes
         FROM ${table}`,
      )
      if (rows[0].bytes !== null) bytes[table] = rows[0].bytes
    }
    return bytes
  })
