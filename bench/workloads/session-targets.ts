import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { newAnswerId } from '#client'
import type { Stack } from '../../deploy/local/stack.ts'
import { createCrowds, openEverywhere, RIGHT_CHOICE, verifyChecks } from '../lib/crowd.ts'
import { stackCpu } from '../lib/processes.ts'
import type { ScenarioContext } from '../lib/scenario.ts'
import type { Classic } from '../peers/classic/start.ts'
import type { Target } from './round.ts'

/** A session of so many players on a running stack; all answers are right, so that every answer shows on the board. */
export const podiumSession = async (
  { defer }: Pick<ScenarioContext, 'defer'>,
  stack: Stack,
  players: number,
  questions: number,
): Promise<Target> => {
  const { crowds, close } = await createCrowds(stack, [players], questions, { closeWhenAllAnswered: true })
  defer(close)
  const ids = crowds.map(({ sessionId }) => sessionId)
  return {
    name: 'Podium',
    port: Number(new URL(stack.urls.edge).port),
    feed: 'podium',
    streams: crowds.flatMap(({ sessionId, players }) =>
      players.map(({ token }) => ({ path: `/v1/sessions/${sessionId}/ws`, token })),
    ),
    open: () => openEverywhere(crowds),
    cpu: () => stackCpu(stack),
    checks: (accepted) => verifyChecks(stack, ids, accepted),
  }
}

const STREAM = '/socket.io/?EIO=4&transport=websocket'

/** The same session on the classic design. */
export const classicSession = async (
  { port, database, createToken, cpu }: Classic,
  players: number,
): Promise<Target> => {
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
      await database.query(
        "INSERT INTO questions (id, session_id, correct, closes_at) VALUES ($1, $2, $3, now() + interval '60 s')",
        [questionId, sessionId, RIGHT_CHOICE],
      )
      await sleep(250)
      return tokens.map((token) => ({
        path: `/sessions/${sessionId}/answers`,
        token,
        body: JSON.stringify({ answerId: newAnswerId(), questionId, choice: RIGHT_CHOICE }),
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
