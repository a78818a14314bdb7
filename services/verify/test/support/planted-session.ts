import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { jetstream } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { Redis } from 'ioredis'
import pg from 'pg'
import type { Test } from 'tap'
import { AnswerBatchSchema } from '#gen/answer_pb'
import { newId } from '#platform/ids'

const id = newId

type Answer = readonly [question: number, choice: number, elapsedMs: number, points: number]
interface PlannedPlayer {
  readonly name: string
  readonly status: string
  readonly answers: readonly Answer[]
  readonly score: number
  readonly correctMs: number
}

/** Worked out by hand: 1000 points in 10 s, 1000 in 10 s, 500 in 20 s; the keys are options 1, 0 and 2. */
const plan: readonly PlannedPlayer[] = [
  {
    name: 'Ada',
    status: 'joined',
    answers: [
      [0, 1, 2_000, 900],
      [1, 0, 4_000, 800],
      [2, 0, 100, 0],
    ],
    score: 1_700,
    correctMs: 6_000,
  },
  {
    name: 'Bob',
    status: 'joined',
    answers: [
      [0, 3, 500, 0],
      [2, 2, 5_000, 438],
    ],
    score: 438,
    correctMs: 5_000,
  },
  { name: 'Cleo', status: 'left', answers: [[0, 1, 3_333, 833]], score: 833, correctMs: 3_333 },
  { name: 'Dan', status: 'joined', answers: [], score: 0, correctMs: 0 },
  { name: 'Eve', status: 'removed', answers: [[0, 1, 1_000, 950]], score: 950, correctMs: 1_000 },
]

const questions = [
  { key: 1, points: 1_000, timeLimitMs: 10_000 },
  { key: 0, points: 1_000, timeLimitMs: 10_000 },
  { key: 2, points: 500, timeLimitMs: 20_000 },
].map((question) => ({ ...question, questionId: id() }))

export const questionIds = questions.map(({ questionId }) => questionId)

const bits = (answers: readonly Answer[], keep: (answer: Answer) => boolean): string =>
  questions.map((_, index) => (answers.some((answer) => answer[0] === index && keep(answer)) ? '1' : '0')).join('')

export interface PlantedSession {
  readonly sessionId: string
  readonly playerIds: readonly string[]
  readonly sql: (text: string, values?: unknown[]) => Promise<void>
  readonly redis: Redis
  readonly key: (part: string) => string
  readonly member: (player: number) => string
  /** Stores a message with accepted answers. */
  readonly accept: (question: AcceptedAnswers) => Promise<void>
}

type AcceptedAnswers = NonNullable<MessageInitShape<typeof AnswerBatchSchema>['questions']>[number]

/** A finished session of which every store agrees: five players, three questions, seven answers. */
export const plantSession = async (
  t: Pick<Test, 'teardown'>,
  urls: { postgres: string; redis: string; nats: string },
): Promise<PlantedSession> => {
  const client = new pg.Client({ connectionString: urls.postgres })
  const redis = new Redis(urls.redis)
  const nc = await connect({ servers: urls.nats })
  t.teardown(() => Promise.all([client.end(), redis.quit(), nc.close()]))
  await client.connect()
  const sql = async (text: string, values: unknown[] = []) => void (await client.query(text, values))
  const [sessionId, quizId] = [id(), id()]
  const playerIds = plan.map(() => id())
  const key = (part: string) => `podium:{${sessionId}}:${part}`
  const member = (player: number) => `${(0xffffff - player - 1).toString(16)}:${playerIds[player]}`
  const receivedAt = Date.now()
  const accept = async (question: AcceptedAnswers) => {
    const batch = create(AnswerBatchSchema, { questions: [question] })
    await jetstream(nc).publish('podium.v1.answers.0', toBinary(AnswerBatchSchema, batch))
  }

  await sql(`INSERT INTO quizzes (id, host_id, title) VALUES ($1, 'host', 'English')`, [quizId])
  await sql(
    `INSERT INTO sessions (id, quiz_id, host_id, title, join_code, state, status, epoch, settings, seed, question_count)
     VALUES ($1, $2, 'host', 'English', $3, '{}', 'finished', 9, '{"scoring":"speed","streakBonus":false}', 1, 3)`,
    [sessionId, quizId, sessionId.slice(-8)],
  )
  for (const [index, { questionId, key: right, points, timeLimitMs }] of questions.entries()) {
    await sql(
      `INSERT INTO questions (id, quiz_id, position, kind, prompt, correct) VALUES ($1, $2, $3, 'single_choice', 'p', $4)
       ON CONFLICT DO NOTHING`,
      [questionId, quizId, index, right],
    )
    await sql(
      `INSERT INTO session_questions (session_id, index, question_id, kind, key, points, time_limit_ms)
       VALUES ($1, $2, $3, 'single_choice', $4, $5, $6)`,
      [sessionId, index, questionId, { options: [right] }, points, timeLimitMs],
    )
  }
  const progress = [0, 0, 0]
  for (const [index, { name, status, answers, score, correctMs }] of plan.entries()) {
    const playerId = playerIds[index] ?? ''
    const joinOrder = index + 1
    await sql(
      `INSERT INTO players (id, session_id, nickname, nickname_key, join_order, status) VALUES ($1, $2, $3, $3, $4, $5)`,
      [playerId, sessionId, name, joinOrder, status],
    )
    for (const [questionIndex, choice, elapsedMs, points] of answers) {
      const { questionId = '' } = questions[questionIndex] ?? {}
      const answerId = id()
      progress[questionIndex] = (progress[questionIndex] ?? 0) + 1
      await sql(
        `INSERT INTO ledger (session_id, join_order, question_index, answer_id, answer, credit, timing, points,
           received_low_ms)
         VALUES ($1, $2, $3, uuid_send($4), $5, 128 + $6, $7, $8, $9)`,
        [
          sessionId,
          joinOrder,
          questionIndex,
          answerId,
          `${choice}`,
          points > 0 ? 1 : 0,
          elapsedMs,
          points,
          // Another question may have been the first, and 2^31 may lie between the two.
          (receivedAt + elapsedMs) | 0,
        ],
      )
      const receivedAtMs = receivedAt + elapsedMs
      const answer = { answerId, playerId, joinOrder, choices: [choice], receivedAtMs, elapsedMs }
      await accept({ sessionId, questionId, questionIndex, answers: [answer] })
    }
    if (answers.length > 0) {
      await sql(
        `INSERT INTO totals (session_id, join_order, version, points, correct_answers, correct_ms, answered, correct, rule,
           rule_version, streak_bonus)
         VALUES ($1, $2, $3, $4, $5, $6, $7::varbit, $8::varbit, 'speed', 1, false)`,
        [
          sessionId,
          joinOrder,
          answers.length,
          score,
          answers.filter(([, , , points]) => points > 0).length,
          correctMs,
          bits(answers, () => true),
          bits(answers, ([, , , points]) => points > 0),
        ],
      )
    }
    if (status !== 'removed') {
      await redis.zadd(key('board'), score * 2 ** 27 + (2 ** 27 - 1 - correctMs), member(index))
      await redis.hset(key('players'), playerId, `${answers.length}:${score}`)
    }
  }
  for (const [index, count] of progress.entries()) {
    const { questionId, points, timeLimitMs } = questions[index] ?? Object.assign({}, questions[0])
    await sql(
      `INSERT INTO question_progress (session_id, question_index, answer_count, question_id, points_possible, time_limit_ms,
         rule, rule_version, first_received_at)
       VALUES ($1, $2, $3, $4, $5, $6, 'speed', 1, to_timestamp($7::float8 / 1000))`,
      [sessionId, index, count, questionId, points, timeLimitMs, receivedAt],
    )
  }
  await sql('INSERT INTO boards VALUES ($1, 1)', [sessionId])
  await redis.hset(key('meta'), { epoch: 1, version: 11, run: 'x' })
  return { sessionId, playerIds, sql, redis, key, member, accept }
}
