import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { newAnswerId } from '#client'
import type { Classic } from '../peers/classic/start.ts'
import type { SessionTarget } from './session-round.ts'

const RIGHT = 1
const STREAM = '/socket.io/?EIO=4&transport=websocket'

/** The same session on the classic design. */
export const classicSession = async (
  { port, database, createToken, cpu }: Classic,
  players: number,
): Promise<SessionTarget> => {
  const sessionId = randomUUID()
  const users = Array.from({ length: players }, () => randomUUID())
  await database.query('INSERT INTO participants SELECT $1, unnest($2::text[])', [sessionId, users])
  const tokens = users.map((sub) => createToken({ sub, sid: sessionId }))
  return {
    name: 'Socket.IO, classic',
    port,
    feed: 'socket.io',
    streams: tokens.map((token) => ({ path: STREAM, token })),
    open: async () => {
      const questionId = randomUUID()
      const values = [questionId, sessionId, RIGHT]
      await database.query(
        "INSERT INTO questions (id, session_id, correct, closes_at) VALUES ($1, $2, $3, now() + interval '60 s')",
        values,
      )
      await sleep(250)
      return tokens.map((token) => ({
        path: `/sessions/${sessionId}/answers`,
        token,
        body: JSON.stringify({ answerId: newAnswerId(), questionId, choice: RIGHT }),
      }))
    },
    cpu,
    checks: async (accepted) => {
      const { rows } = await database.query('SELECT count(*)::int AS answers FROM answers')
      return [
        { sentence: `${accepted} accepted answers are ${rows[0].answers} rows`, holds: rows[0].answers === accepted },
      ]
    },
  }
}
