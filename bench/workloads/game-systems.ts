import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { fromBinary } from '@bufbuild/protobuf'
import { connect } from '@nats-io/transport-node'
import pg from 'pg'
import { FeedMessageSchema } from '#gen/feed_pb'
import { wildcards } from '#platform/contract/subjects'
import { natsOptions } from '#platform/nats'
import type { Stack } from '../../deploy/local/stack.ts'
import { createCrowds, RIGHT_CHOICE, verifyChecks } from '../lib/crowd.ts'
import { forEachOf, stackCpu } from '../lib/processes.ts'
import type { ScenarioContext } from '../lib/scenario.ts'
import { monotonicMs } from '../lib/statistics.ts'
import type { Classic } from '../peers/classic/start.ts'
import {
  CYCLE_MS,
  type GameSystem,
  type Opening,
  QUESTION_SECONDS,
  REVEAL_SECONDS,
  SESSION_PLAYERS,
} from './capacity.ts'

/** Sessions of a game that are folded again after it. */
const VERIFIED = 8
/** Beyond the time that a game should take; each question waits a little for late answers and for its timer, too. */
const PATIENCE_MS = 30_000
const SLACK = 1.25

const toMonotonic = (wallMs: number): number => monotonicMs() + wallMs - Date.now()

const playTime = (questions: number): number => (questions + 1) * CYCLE_MS * SLACK + PATIENCE_MS

/** Sessions move on by Podium's own timers; players take the board as differences. */
export const podiumGames = async ({ defer }: Pick<ScenarioContext, 'defer'>, stack: Stack): Promise<GameSystem> => {
  const feed = await connect(natsOptions(stack.urls.nats, 'admin'))
  const database = new pg.Client({ connectionString: stack.urls.postgres })
  await database.connect()
  defer(() => Promise.all([feed.close(), database.end()]))
  let onFeed: (
    sessionId: string,
    event: string | undefined,
    question: { id: string; opensAtMs: number } | undefined,
  ) => void
  onFeed = () => undefined
  feed.subscribe(wildcards.liveFeed, {
    callback: (err, { data }) => {
      if (err !== null) return
      const { sessionId, event, state } = fromBinary(FeedMessageSchema, data)
      const question = state?.question
      onFeed(sessionId, event?.event.case, question && { id: question.questionId, opensAtMs: question.opensAtMs })
    },
  })
  await feed.flush()
  return {
    name: 'Podium',
    port: Number(new URL(stack.urls.edge).port),
    feed: 'podium',
    cpu: () => stackCpu(stack),
    prepare: async (sessions, questions) => {
      const { crowds, close } = await createCrowds(stack, Array<number>(sessions).fill(SESSION_PLAYERS), questions, {
        advance: 'auto',
        timeLimitSeconds: QUESTION_SECONDS,
        revealSeconds: REVEAL_SECONDS,
      })
      const ids = crowds.map(({ sessionId }) => sessionId)
      const places = new Map(ids.map((id, place) => [id, place]))
      return {
        questions,
        phones: crowds.flatMap(({ sessionId, players }, session) =>
          players.map(({ token }) => ({ path: `/v1/sessions/${sessionId}/ws?board=changes`, token, session })),
        ),
        play: async (onOpen) => {
          let closedQuestions = 0
          let whenOver: () => void = () => undefined
          const over = new Promise<void>((resolve) => {
            whenOver = resolve
          })
          onFeed = (sessionId, event, question) => {
            const session = places.get(sessionId)
            if (session === undefined) return
            if (event === 'questionOpened' && question !== undefined) {
              onOpen({ session, questionId: question.id, at: toMonotonic(question.opensAtMs) })
            } else if (event === 'questionClosed' && ++closedQuestions === sessions * questions) whenOver()
          }
          const starts = crowds.map(async ({ start }, place) => {
            await sleep((place * CYCLE_MS) / sessions)
            await start()
          })
          await Promise.all(starts)
          await Promise.race([over, sleep(playTime(questions), undefined, { ref: false })])
          onFeed = () => undefined
        },
        check: async (accepted) => {
          const query = 'SELECT count(*)::int AS rows FROM ledger WHERE session_id = ANY($1::uuid[])'
          const { rows } = await database.query(query, [ids])
          const step = Math.max(1, Math.floor(sessions / VERIFIED))
          const checks = await verifyChecks(
            stack,
            ids.filter((_, place) => place % step === 0),
          )
          await close()
          return [
            {
              sentence: `Podium: ${accepted} accepted answers are ${rows[0].rows} rows of the ledger`,
              holds: rows[0].rows === accepted,
            },
            ...checks,
          ]
        },
      }
    },
  }
}

const STREAM = '/socket.io/?EIO=4&transport=websocket'

/** The same sessions; the bench is the timer that opens their questions, and its time is not counted. */
export const classicGames = ({ port, database, createToken, cpu }: Classic): GameSystem => ({
  name: 'Socket.IO, classic',
  port,
  feed: 'socket.io',
  cpu,
  prepare: async (sessions, questions) => {
    let last: Promise<unknown> = Promise.resolve()
    /** One after the other, over the one connection. */
    const query = (text: string, values: unknown[]): Promise<unknown> => {
      last = last.then(() => database.query(text, values))
      return last
    }
    const { rows: before } = await database.query('SELECT count(*)::int AS rows FROM answers')
    const ids = Array.from({ length: sessions }, () => randomUUID())
    const phones: { path: string; token: string; session: number }[] = []
    await forEachOf(ids, 8, async (sessionId, session) => {
      const users = Array.from({ length: SESSION_PLAYERS }, () => randomUUID())
      await query('INSERT INTO participants SELECT $1, unnest($2::text[])', [sessionId, users])
      phones.push(...users.map((sub) => ({ path: STREAM, token: createToken({ sub, sid: sessionId }), session })))
    })
    const open = async (sessionId: string, session: number): Promise<Opening> => {
      const questionId = randomUUID()
      await query(
        'INSERT INTO questions (id, session_id, correct, closes_at) VALUES ($1, $2, $3, now() + make_interval(secs => $4))',
        [questionId, sessionId, RIGHT_CHOICE, QUESTION_SECONDS],
      )
      return { session, questionId, at: monotonicMs() }
    }
    return {
      questions,
      phones,
      play: async (onOpen) => {
        const began = monotonicMs()
        await Promise.all(
          ids.map(async (sessionId, session) => {
            for (let n = 0; n < questions; n++) {
              await sleep(Math.max(0, began + (session / sessions + n) * CYCLE_MS - monotonicMs()))
              onOpen(await open(sessionId, session))
            }
            await sleep(QUESTION_SECONDS * 1_000)
          }),
        )
      },
      check: async (accepted) => {
        const { rows } = await database.query('SELECT count(*)::int AS rows FROM answers')
        const stored = rows[0].rows - before[0].rows
        return [
          {
            sentence: `Socket.IO, classic: ${accepted} accepted answers are ${stored} rows`,
            holds: stored === accepted,
          },
        ]
      },
    }
  },
})
