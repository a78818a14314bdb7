import { fromBinary } from '@bufbuild/protobuf'
import type pg from 'pg'
import { type FeedMessage, FeedMessageSchema } from '#gen/feed_pb'
import type { ScoreBatch } from '#gen/score_pb'
import { decodeScoreBatch, decodeScoreBatches } from '#platform/contract/codec/score'
import { streams } from '#platform/contract/streams'
import { subjects, wildcards } from '#platform/contract/subjects'
import type { NatsConnection } from '#platform/nats'
import { dueAt } from '../../game/session/phase.ts'
import type { SessionState } from '../../game/session/state.ts'
import { publicStatus } from '../sessions/feed-message.ts'
import { stateFromFeed } from './state-from-feed.ts'
import { readStream, replayAnswers, type StoredMessage } from './streams.ts'

export interface Reconciled {
  /** Sessions that were set to the state that their feed says. */
  readonly sessions: number
  /** Sessions that only the feed knows. What is needed to play them on, their questions with the keys, is nowhere else. */
  readonly lostSessions: readonly string[]
  /** Players who were missing. */
  readonly players: number
  /** Messages of answers that the workers take again. */
  readonly messages: number
}

/**
 * Brings a Postgres that came back older than the streams up to them: sessions from the last message of their feeds,
 * players from what their joining told the boards, and the ledger by having the answers since then evaluated and scored
 * again. May be repeated at any time; on a Postgres that lost nothing it only skips some numbers of players.
 */
export const reconcile = async (client: pg.Client, nc: NatsConnection, since: Date): Promise<Reconciled> => {
  await client.query(SKIP_OUTBOX_IDS)
  const { sessions, lostSessions } = await restoreSessions(client, nc)
  const players = await restorePlayers(client, nc, since)
  const messages = await replayAnswers(nc, since)
  return { sessions, lostSessions, players, messages }
}

/** FEED would drop new messages under ids that were used in the lost time as repetitions. */
const SKIP_OUTBOX_IDS = `SELECT setval('outbox_id_seq', last_value + 1000000000) FROM outbox_id_seq`

/** Older than what the feed says. */
const DROP_WAITING = 'DELETE FROM outbox WHERE session_id = $1'

/** From the state alone, as `started_at` and other columns for lists are not in the feed. */
const SET_SESSION = `
UPDATE sessions SET state = $3, status = $4, epoch = $5, due_at = $6, finished_at = $7
WHERE id = $1 AND epoch = $2`

const restoreSessions = async (client: pg.Client, nc: NatsConnection) => {
  let sessions = 0
  const lostSessions: string[] = []
  await readStream(nc, streams.feed, { subject: wildcards.feed }, async (stored) => {
    const messages = new Map<string, FeedMessage>()
    for (const { data } of stored) {
      const message = fromBinary(FeedMessageSchema, data)
      messages.set(message.sessionId, message)
    }
    const { rows } = await client.query<{ id: string; epoch: number; state: SessionState }>(
      'SELECT id, epoch, state FROM sessions WHERE id = ANY ($1::uuid[])',
      [[...messages.keys()]],
    )
    for (const { id, epoch, state: before } of rows) {
      const message = messages.get(id)
      messages.delete(id)
      const state = message !== undefined && message.epoch > epoch ? stateFromFeed(message, before) : undefined
      if (state === undefined) continue
      const finishedAt = 'at' in state.phase ? new Date(state.phase.at) : null
      const due = dueAt(state)
      const deadline = due === undefined ? null : new Date(due)
      const values = [id, epoch, JSON.stringify(state), publicStatus(state), state.epoch, deadline, finishedAt]
      sessions += (await client.query(SET_SESSION, values)).rowCount ?? 0
      await client.query(REMOVE_PLAYERS, [id, state.removed])
      await client.query(DROP_WAITING, [id])
    }
    for (const [id, { state }] of messages) {
      if (state?.status !== 'finished' && state?.status !== 'cancelled') lostSessions.push(id)
    }
  })
  return { sessions, lostSessions }
}

const REMOVE_PLAYERS = `
WITH gone AS (
  UPDATE players SET status = 'removed' WHERE session_id = $1 AND id = ANY ($2::uuid[]) AND status = 'joined' RETURNING id
)
UPDATE sessions SET player_count = player_count - (SELECT count(*) FROM gone) WHERE id = $1`

/** A nickname is in Postgres only, so a player who is missing there gets one that says so. */
const ADD_PLAYERS = `
WITH added AS (
  INSERT INTO players (id, session_id, nickname, nickname_key, join_order, status)
  SELECT p.id, p.session_id, 'Player ' || p.join_order, 'restored ' || p.id, p.join_order,
    CASE WHEN p.removed THEN 'removed' ELSE 'joined' END
  FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::bool[]) AS p (id, session_id, join_order, removed)
    JOIN sessions ON sessions.id = p.session_id
  ON CONFLICT DO NOTHING
  RETURNING session_id, join_order, status
), counted AS (
  UPDATE sessions SET player_count = player_count + joined, next_join_order = greatest(next_join_order, last + 1)
  FROM (SELECT session_id, count(*) FILTER (WHERE status = 'joined') AS joined, max(join_order) AS last
    FROM added GROUP BY session_id) AS a
  WHERE sessions.id = a.session_id
)
SELECT session_id FROM added`

/**
 * Never assigns a player's number twice: the ledger identifies players by their numbers, and a player whose row was lost may
 * still hold a valid token with one.
 */
const SKIP_NUMBERS = `
UPDATE sessions SET next_join_order = next_join_order + 1000 WHERE status NOT IN ('finished', 'cancelled')`

const restorePlayers = async (client: pg.Client, nc: NatsConnection, since: Date): Promise<number> => {
  let count = 0
  await readStream(nc, streams.scores, { subject: wildcards.scores, since }, async (stored) => {
    const players = new Map<string, readonly [sessionId: string, joinOrder: number, removed: boolean]>()
    for (const { sessionId, totals } of stored.flatMap(batchesOf)) {
      for (const { playerId, joinOrder, removed } of totals) {
        players.set(playerId, [sessionId, joinOrder, removed || players.get(playerId)?.[2] === true])
      }
    }
    const rows = [...players.values()]
    const columns = [rows.map(([id]) => id), rows.map(([, order]) => order), rows.map(([, , removed]) => removed)]
    count += (await client.query(ADD_PLAYERS, [[...players.keys()], ...columns])).rowCount ?? 0
  })
  await client.query(SKIP_NUMBERS)
  return count
}

/** What cannot be decoded is for the dead letters of the leaderboard. */
const batchesOf = ({ subject, data }: StoredMessage): readonly ScoreBatch[] => {
  try {
    return subject === subjects.scores ? decodeScoreBatches(data) : [decodeScoreBatch(data)]
  } catch {
    return []
  }
}
