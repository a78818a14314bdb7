import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf'
import { AnswerBatchSchema } from '#gen/answer_pb'
import { EvaluationBatchSchema } from '#gen/evaluation_pb'
import { ScoreBatchSchema } from '#gen/score_pb'
import { decodeAnswers, encodeAnswers } from '#platform/contract/codec/answer'
import { decodeEvaluationBatch, encodeEvaluationBatch } from '#platform/contract/codec/evaluation'
import { decodeScoreBatch, encodeScoreBatch } from '#platform/contract/codec/score'

/**
 * What the codecs written by hand (services/platform/contract/codec) save over the generated ones: `node bench/codecs.ts`
 * prints nanoseconds per message, the median of ten rounds.
 */
const ROUNDS = 10
const ROUND_MS = 200
const ID = '0199c1d2-7b3a-7c4d-8e5f-a1b2c3d4e5f6'
const PLAYERS = 100

const answers = create(AnswerBatchSchema, {
  questions: Array.from({ length: PLAYERS / 2 }, () => ({
    sessionId: ID,
    questionId: ID,
    questionIndex: 7,
    answers: Array.from({ length: 2 }, (_, player) => ({
      answerId: ID,
      playerId: ID,
      joinOrder: player,
      choices: [2],
      receivedAtMs: 1_760_000_000_000,
      elapsedMs: 5_321,
    })),
  })),
})

const evaluations = create(EvaluationBatchSchema, {
  sessionId: ID,
  questionCount: 10,
  rule: { name: 'speed', version: 1, streakBonus: true },
  questions: [{ index: 7, questionId: ID, points: 1_000, timeLimitMs: 20_000 }],
  evaluations: Array.from({ length: PLAYERS }, (_, player) => ({
    answerId: ID,
    playerId: ID,
    joinOrder: player,
    questionIndex: 7,
    creditNumerator: 1,
    creditDenominator: 1,
    elapsedMs: 5_000 + player,
    receivedAtMs: 1_760_000_000_000,
    choices: [2],
  })),
})

const scores = create(ScoreBatchSchema, {
  sessionId: ID,
  firstReceivedAtMs: 1_760_000_000_000,
  totals: Array.from({ length: PLAYERS }, (_, player) => ({
    playerId: ID,
    joinOrder: player,
    version: 8,
    score: 7_000 + player,
    correctAnswers: 7,
    correctMs: 30_000,
    streak: 3,
    answered: Uint8Array.of(255),
  })),
})

const nanosOf = (step: () => unknown): number => {
  const rounds: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const end = performance.now() + ROUND_MS
    const began = process.hrtime.bigint()
    let count = 0
    for (; performance.now() < end; count += 20) for (let repeat = 0; repeat < 20; repeat += 1) step()
    rounds.push(Number(process.hrtime.bigint() - began) / count)
  }
  return Math.round(rounds.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0)
}

const compare = <S extends DescMessage>(
  name: string,
  schema: S,
  message: MessageShape<S>,
  encode: (message: MessageShape<S>) => Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
): void => {
  const bytes = toBinary(schema, message)
  const print = (what: string, own: number, generated: number) =>
    console.log(
      `${`${name}, ${what}`.padEnd(32)} by hand ${own} ns, generated ${generated} ns, ${(generated / own).toFixed(1)}×`,
    )
  print(
    'encode',
    nanosOf(() => encode(message)),
    nanosOf(() => toBinary(schema, message)),
  )
  print(
    'decode',
    nanosOf(() => decode(bytes)),
    nanosOf(() => fromBinary(schema, bytes)),
  )
}

compare(`${PLAYERS} answers`, AnswerBatchSchema, answers, ({ questions }) => encodeAnswers(questions), decodeAnswers)
compare(`${PLAYERS} evaluations`, EvaluationBatchSchema, evaluations, encodeEvaluationBatch, decodeEvaluationBatch)
compare(`${PLAYERS} totals`, ScoreBatchSchema, scores, encodeScoreBatch, decodeScoreBatch)
