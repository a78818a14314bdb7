import { randomUUID } from 'node:crypto'
import { create, toBinary } from '@bufbuild/protobuf'
import { jetstream } from '@nats-io/jetstream'
import { AnswerBatchSchema } from '#gen/answer_pb'
import { ProgressBatchSchema } from '#gen/score_pb'
import { encodeAnswerId, encodeContent, encodeCredit, encodeReceivedAt } from '#platform/contract/codec/ledger-row'
import { answersStream, evaluatorDurable } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { eventually } from '../../../platform/test/support/eventually.ts'
import type { World } from './world.ts'

export interface ScoredAnswer {
  readonly playerId: string
  readonly choices?: readonly number[]
  readonly text?: string
  readonly correct?: boolean
  readonly points?: number
  readonly elapsedMs?: number
}

/** Puts an answer into ANSWERS as an edge does when it accepts one. */
export const acceptAnswer = async (
  { nc }: World,
  sessionId: string,
  questionIndex: number,
  playerId: string,
): Promise<void> => {
  const answers = [{ answerId: randomUUID(), playerId, choices: [0] }]
  const batch = create(AnswerBatchSchema, { questions: [{ sessionId, questionIndex, answers }] })
  await jetstream(nc).publish(subjects.answers(0), toBinary(AnswerBatchSchema, batch))
}

/** Says of every answer accepted so far that it is in the ledger, as the worker does. */
export const acknowledgeAnswers = async ({ nc, held }: World): Promise<void> => {
  const consumer = await jetstream(nc).consumers.get(answersStream(0), evaluatorDurable(0))
  await eventually(async () => (await consumer.info()).num_pending === 0)
  for (const message of held.splice(0)) message.ack()
}

/**
 * Does what the scorer does with evaluated answers: ledger, totals, progress, and the message that tells of it, in which there is
 * another session.
 */
export const score = async (
  { pool, nc }: World,
  sessionId: string,
  questionIndex: number,
  answers: readonly ScoredAnswer[],
): Promise<void> => {
  const terms = `SELECT question_id, points, time_limit_ms, question_count, (settings ->> 'streakBonus')::boolean AS bonus
    FROM session_questions JOIN sessions ON id = session_id WHERE session_id = $1 AND index = $2`
  const { rows } = await pool.query(terms, [sessionId, questionIndex])
  const { question_id: questionId, points: possible, time_limit_ms: limitMs, question_count: count, bonus } = rows[0]
  const bits = (set: boolean) =>
    [...'0'.repeat(count)].map((bit, i) => (set && i === questionIndex ? '1' : bit)).join('')
  for (const { playerId, choices = [0], text, correct = true, points = 0, elapsedMs = 1_000 } of answers) {
    const { rows: players } = await pool.query('SELECT join_order FROM players WHERE id = $1', [playerId])
    const { join_order: joinOrder } = players[0]
    await pool.query(
      `INSERT INTO ledger (session_id, join_order, question_index, answer_id, answer, credit, timing, points, received_low_ms)
       VALUES ($1, $2, $3, decode($4, 'hex'), $5, $6, $7, $8, $9)`,
      [
        sessionId,
        joinOrder,
        questionIndex,
        encodeAnswerId(randomUUID()),
        encodeContent({ choices, text }),
        encodeCredit(correct ? 1 : 0, 1),
        elapsedMs,
        points,
        encodeReceivedAt(Date.now()),
      ],
    )
    await pool.query(
      `INSERT INTO totals AS t (session_id, join_order, version, points, correct_answers, correct_ms, answered, correct, rule,
                                rule_version, streak_bonus)
       VALUES ($1, $2, 1, $3, $4, $5, $6::varbit, $7::varbit, 'speed', 1, $8)
       ON CONFLICT (session_id, join_order) DO UPDATE
         SET version = t.version + 1, points = t.points + excluded.points,
             correct_answers = t.correct_answers + excluded.correct_answers,
             correct_ms = t.correct_ms + excluded.correct_ms,
             answered = t.answered | excluded.answered, correct = t.correct | excluded.correct`,
      [sessionId, joinOrder, points, correct ? 1 : 0, correct ? elapsedMs : 0, bits(true), bits(correct), bonus],
    )
  }
  const progress = await pool.query<{ answer_count: number }>(
    `INSERT INTO question_progress AS p (session_id, question_index, answer_count, question_id, points_possible,
       time_limit_ms, rule, rule_version, first_received_at)
     VALUES ($1, $2, $3, $4, $5, $6, 'speed', 1, now())
     ON CONFLICT (session_id, question_index) DO UPDATE SET answer_count = p.answer_count + excluded.answer_count
     RETURNING answer_count`,
    [sessionId, questionIndex, answers.length, questionId, possible, limitMs],
  )
  const answerCount = progress.rows[0]?.answer_count ?? 0
  const questions = [
    { sessionId: randomUUID(), questionIndex: 0, answerCount: 1 },
    { sessionId, questionIndex, answerCount },
  ]
  nc.publish(subjects.progress, toBinary(ProgressBatchSchema, create(ProgressBatchSchema, { questions })))
}
