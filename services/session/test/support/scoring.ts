import { randomUUID } from 'node:crypto'
import { create, toBinary } from '@bufbuild/protobuf'
import { jetstream } from '@nats-io/jetstream'
import { AnswerSchema } from '#gen/answer_pb'
import { ScoreBatchesSchema, ScoreBatchSchema } from '#gen/score_pb'
import { durables, streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import type { World } from './world.ts'

export interface ScoredAnswer {
  readonly playerId: string
  readonly joinOrder?: number
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
  const answer = create(AnswerSchema, { answerId: randomUUID(), sessionId, questionIndex, playerId, choices: [0] })
  await jetstream(nc).publish(subjects.answer(sessionId, questionIndex, playerId), toBinary(AnswerSchema, answer))
}

/** Says of every answer accepted so far that it has been evaluated, as the evaluator does. */
export const acknowledgeAnswers = async ({ nc }: World): Promise<void> => {
  const consumer = await jetstream(nc).consumers.get(streams.answers, durables.evaluator)
  const { num_pending: count } = await consumer.info()
  if (count === 0) return
  for await (const message of await consumer.fetch({ max_messages: count, expires: 1_000 })) message.ack()
}

/**
 * Does what the scorer does with evaluated answers: ledger, totals, progress, and the message that tells of it; `shared`
 * with another session.
 */
export const score = async (
  { pool, nc }: World,
  sessionId: string,
  questionIndex: number,
  answers: readonly ScoredAnswer[],
  { shared = false } = {},
): Promise<void> => {
  const { rows } = await pool.query<{ question_id: string; count: number }>(
    `SELECT question_id, (SELECT question_count FROM sessions WHERE id = $1) AS count
       FROM session_questions WHERE session_id = $1 AND index = $2`,
    [sessionId, questionIndex],
  )
  const { question_id: questionId, count } = rows[0] ?? { question_id: '', count: 0 }
  for (const {
    playerId,
    joinOrder = 1,
    choices = [0],
    text,
    correct = true,
    points = 0,
    elapsedMs = 1_000,
  } of answers) {
    await pool.query(
      `INSERT INTO ledger (session_id, question_id, player_id, question_index, join_order, answer_id, choices, answer_text,
                           credit_numerator, credit_denominator, elapsed_ms, time_limit_ms, points_possible, rule,
                           rule_version, points, received_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, 60000, 1000, 'speed', 1, $11, now())`,
      [
        sessionId,
        questionId,
        playerId,
        questionIndex,
        joinOrder,
        randomUUID(),
        choices,
        text ?? null,
        correct ? 1 : 0,
        elapsedMs,
        points,
      ],
    )
    const bits = (set: boolean) =>
      [...'0'.repeat(count)].map((bit, i) => (set && i === questionIndex ? '1' : bit)).join('')
    await pool.query(
      `INSERT INTO totals AS t (session_id, player_id, join_order, version, points, correct_answers, correct_ms, answered,
                                correct, rule, rule_version, streak_bonus)
       SELECT $1, $2, $3, 1, $4, $5, $6, $7::varbit, $8::varbit, 'speed', 1, (settings ->> 'streakBonus')::boolean
         FROM sessions WHERE id = $1
       ON CONFLICT (session_id, player_id) DO UPDATE
         SET version = t.version + 1, points = t.points + excluded.points,
             correct_answers = t.correct_answers + excluded.correct_answers,
             correct_ms = t.correct_ms + excluded.correct_ms,
             answered = t.answered | excluded.answered, correct = t.correct | excluded.correct`,
      [sessionId, playerId, joinOrder, points, correct ? 1 : 0, correct ? elapsedMs : 0, bits(true), bits(correct)],
    )
  }
  const progress = await pool.query<{ answer_count: number }>(
    `INSERT INTO question_progress AS p (session_id, question_index, answer_count) VALUES ($1, $2, $3)
     ON CONFLICT (session_id, question_index) DO UPDATE SET answer_count = p.answer_count + excluded.answer_count
     RETURNING answer_count`,
    [sessionId, questionIndex, answers.length],
  )
  const batch = create(ScoreBatchSchema, {
    sessionId,
    progress: [{ questionIndex, answerCount: progress.rows[0]?.answer_count ?? 0 }],
  })
  if (shared) {
    const batches = [create(ScoreBatchSchema, { sessionId: randomUUID() }), batch]
    const payload = toBinary(ScoreBatchesSchema, create(ScoreBatchesSchema, { batches }))
    await jetstream(nc).publish(subjects.scores, payload)
  } else await jetstream(nc).publish(subjects.score(sessionId), toBinary(ScoreBatchSchema, batch))
}
