import { isDeepStrictEqual } from 'node:util'
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf'
import fc from 'fast-check'
import t from 'tap'
import { AnswerBatchSchema } from '#gen/answer_pb'
import { BoardDeltaSchema } from '#gen/board_pb'
import {
  type EvaluationBatch,
  EvaluationBatchesSchema,
  EvaluationBatchSchema,
  EvaluationSchema,
} from '#gen/evaluation_pb'
import { EarnedBatchSchema, ProgressBatchSchema, ScoreBatchesSchema, ScoreBatchSchema } from '#gen/score_pb'
import { decodeAnswers, encodeAnswers } from '#platform/contract/codec/answer'
import { decodeBoardDelta, encodeBoardDelta } from '#platform/contract/codec/board'
import {
  decodeEvaluationBatch,
  decodeEvaluationBatches,
  encodeEvaluationBatch,
  encodeEvaluationBatches,
} from '#platform/contract/codec/evaluation'
import {
  decodeEarned,
  decodeProgress,
  decodeScoreBatch,
  decodeScoreBatches,
  encodeEarned,
  encodeProgress,
  encodeScoreBatch,
  encodeScoreBatches,
} from '#platform/contract/codec/score'

const uint = fc.oneof(
  fc.nat(300),
  fc.nat({ max: 2 ** 31 - 1 }),
  fc.constantFrom(0, 127, 128, 16_383, 16_384, 2 ** 32 - 1),
)
const text = fc.oneof(
  fc.uuid(),
  fc.string({ maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.string({ minLength: 100, maxLength: 400 }),
)
const double = fc.oneof(fc.constantFrom(0, -0, 1e15), fc.double({ noNaN: true }), fc.nat())
const optional = <T>(name: string, value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined }).map((each) => (each === undefined ? {} : { [name]: each }))

const answer = fc
  .tuple(
    fc.record({
      answerId: text,
      playerId: text,
      joinOrder: uint,
      choices: fc.array(uint, { maxLength: 70 }),
      receivedAtMs: double,
      elapsedMs: uint,
      delayMs: uint,
    }),
    optional('text', text),
  )
  .map(([fields, more]) => ({ ...fields, ...more }))

const answers = fc.record({
  questions: fc.array(
    fc.record({
      sessionId: text,
      questionId: text,
      questionIndex: uint,
      answers: fc.array(answer, { maxLength: 10 }),
    }),
    { maxLength: 4 },
  ),
})

const evaluation = fc
  .tuple(
    fc.record({
      answerId: text,
      playerId: text,
      joinOrder: uint,
      questionIndex: uint,
      creditNumerator: uint,
      creditDenominator: uint,
      elapsedMs: uint,
      delayMs: uint,
      receivedAtMs: double,
      choices: fc.array(uint, { maxLength: 70 }),
    }),
    optional('text', text),
  )
  .map(([fields, more]) => ({ ...fields, ...more }))

const evaluationBatch = fc
  .tuple(
    fc.record({
      sessionId: text,
      questionCount: uint,
      questions: fc.array(fc.record({ index: uint, questionId: text, points: uint, timeLimitMs: uint }), {
        maxLength: 3,
      }),
      evaluations: fc.array(evaluation, { maxLength: 10 }),
    }),
    optional('rule', fc.record({ name: text, version: uint, streakBonus: fc.boolean() })),
  )
  .map(([fields, more]) => ({ ...fields, ...more }))

const totals = fc.record({
  playerId: text,
  joinOrder: uint,
  version: uint,
  score: uint,
  correctAnswers: uint,
  correctMs: uint,
  streak: uint,
  answered: fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes)),
  removed: fc.boolean(),
})

const scoreBatch = fc.record({
  sessionId: text,
  totals: fc.array(totals, { maxLength: 10 }),
  firstReceivedAtMs: double,
})

const progressBatch = fc.record({
  questions: fc.array(fc.record({ sessionId: text, questionIndex: uint, answerCount: uint }), { maxLength: 3 }),
})

const earnedBatch = fc.record({
  sessionId: text,
  answers: fc.array(
    fc.record({
      playerId: text,
      questionId: text,
      points: uint,
      correct: fc.boolean(),
      score: uint,
      streak: uint,
      unscored: fc.boolean(),
      answerId: text,
    }),
    { maxLength: 10 },
  ),
})

const delta = fc.record({
  sessionId: text,
  epoch: uint,
  from: uint,
  to: uint,
  entries: fc.array(totals),
  firstReceivedAtMs: double,
})

/** The same bytes as the generated code, for whatever there may be in a message. */
const writesTheSame = <S extends DescMessage>(
  schema: S,
  arbitrary: fc.Arbitrary<MessageInitShape<S>>,
  encode: (message: MessageShape<S>) => Uint8Array,
) =>
  fc.assert(
    fc.property(arbitrary, (init) => {
      const message = create(schema, init)
      return Buffer.from(encode(message)).equals(toBinary(schema, message))
    }),
    { numRuns: 500 },
  )

t.test('what is written by hand is what the generated code writes', async (t) => {
  writesTheSame(AnswerBatchSchema, answers, ({ questions }) => encodeAnswers(questions))
  writesTheSame(EvaluationBatchSchema, evaluationBatch as fc.Arbitrary<object>, encodeEvaluationBatch)
  const batches = fc.record({ batches: fc.array(evaluationBatch as fc.Arbitrary<object>, { maxLength: 4 }) })
  writesTheSame(EvaluationBatchesSchema, batches, (message) => encodeEvaluationBatches(message.batches))
  writesTheSame(ScoreBatchSchema, scoreBatch, encodeScoreBatch)
  const scores = fc.record({ batches: fc.array(scoreBatch, { maxLength: 4 }) })
  writesTheSame(ScoreBatchesSchema, scores, (message) => encodeScoreBatches(message.batches))
  writesTheSame(EarnedBatchSchema, earnedBatch, encodeEarned)
  writesTheSame(ProgressBatchSchema, progressBatch, ({ questions }) => encodeProgress(questions))
  writesTheSame(BoardDeltaSchema, delta, encodeBoardDelta)
  t.pass()
})

/** Generated messages have a prototype of their own, and bytes may be a Buffer. */
const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return [...value]
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]))
}
const isSame = (a: unknown, b: unknown): boolean => isDeepStrictEqual(plain(a), plain(b))

t.test('what is read by hand is what the generated code reads', async (t) => {
  fc.assert(
    fc.property(answers, (init) => {
      const bytes = toBinary(AnswerBatchSchema, create(AnswerBatchSchema, init))
      return isSame(decodeAnswers(bytes), fromBinary(AnswerBatchSchema, bytes))
    }),
  )
  fc.assert(
    fc.property(evaluationBatch as fc.Arbitrary<object>, (init) => {
      const bytes = toBinary(EvaluationBatchSchema, create(EvaluationBatchSchema, init))
      return isSame(decodeEvaluationBatch(bytes), fromBinary(EvaluationBatchSchema, bytes))
    }),
  )
  const batches = fc.record({ batches: fc.array(evaluationBatch as fc.Arbitrary<object>, { maxLength: 4 }) })
  fc.assert(
    fc.property(batches, (init) => {
      const bytes = toBinary(EvaluationBatchesSchema, create(EvaluationBatchesSchema, init))
      return isSame(decodeEvaluationBatches(bytes), fromBinary(EvaluationBatchesSchema, bytes).batches)
    }),
  )
  fc.assert(
    fc.property(scoreBatch, (init) => {
      const bytes = toBinary(ScoreBatchSchema, create(ScoreBatchSchema, init))
      return isSame(decodeScoreBatch(bytes), fromBinary(ScoreBatchSchema, bytes))
    }),
  )
  fc.assert(
    fc.property(fc.array(scoreBatch, { maxLength: 4 }), (inits) => {
      const batches = inits.map((init) => create(ScoreBatchSchema, init))
      const bytes = toBinary(ScoreBatchesSchema, create(ScoreBatchesSchema, { batches }))
      return isSame(decodeScoreBatches(bytes), fromBinary(ScoreBatchesSchema, bytes).batches)
    }),
  )
  fc.assert(
    fc.property(progressBatch, (init) => {
      const bytes = toBinary(ProgressBatchSchema, create(ProgressBatchSchema, init))
      return isSame(decodeProgress(bytes), fromBinary(ProgressBatchSchema, bytes).questions)
    }),
  )
  fc.assert(
    fc.property(earnedBatch, (init) => {
      const bytes = toBinary(EarnedBatchSchema, create(EarnedBatchSchema, init))
      return isSame(decodeEarned(bytes), fromBinary(EarnedBatchSchema, bytes))
    }),
  )
  fc.assert(
    fc.property(delta, (init) => {
      const bytes = toBinary(BoardDeltaSchema, create(BoardDeltaSchema, init))
      return isSame(decodeBoardDelta(bytes), fromBinary(BoardDeltaSchema, bytes))
    }),
  )
  t.pass()
})

t.test('fields of a later version are skipped, lists may come one by one', async (t) => {
  const evaluation = create(EvaluationSchema, { answerId: 'a', choices: [7] })
  const bytes = toBinary(EvaluationSchema, evaluation)
  // Fields 100 to 103 of every wire type, and field 9 unpacked.
  const later = [0xa0, 6, 0x85, 1, 0xa9, 6, 1, 2, 3, 4, 5, 6, 7, 8, 0xb2, 6, 2, 9, 9, 0xbd, 6, 1, 2, 3, 4, 0x48, 5]
  const whole = Buffer.concat([bytes, Buffer.from(later)])
  // As the only evaluation of a batch: field 5.
  const batch = decodeEvaluationBatch(Buffer.concat([Buffer.from([0x2a, whole.length]), whole]))
  t.match(batch.evaluations, [{ answerId: 'a', choices: [7, 5] }])
})

t.test('what is no message is refused, never read beyond its end', async (t) => {
  const whole = encodeEvaluationBatch(
    create(EvaluationBatchSchema, {
      sessionId: 'session',
      questions: [{ index: 1, questionId: 'question' }],
      evaluations: [{ answerId: 'answer', receivedAtMs: 1.5, choices: [1, 300] }],
    }),
  )
  let refused = 0
  for (let length = 0; length < whole.length; length += 1) {
    try {
      decodeEvaluationBatch(whole.subarray(0, length))
    } catch (err) {
      if (!(err instanceof RangeError)) throw err
      refused += 1
    }
  }
  t.ok(refused > whole.length - 6, 'only where a field ends it is whole')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      for (const decode of [
        decodeAnswers,
        decodeBoardDelta,
        decodeEarned,
        decodeEvaluationBatch,
        decodeProgress,
        decodeScoreBatch,
        decodeScoreBatches,
      ]) {
        try {
          decode(bytes)
        } catch (err) {
          if (!(err instanceof RangeError)) throw err
        }
      }
    }),
  )
})

t.test('nothing of a message whose encoding has thrown gets into the next one', async (t) => {
  const next = create(AnswerBatchSchema, {
    questions: [{ sessionId: 's', answers: [{ answerId: 'a', playerId: 'p', choices: [1], receivedAtMs: 1.5 }] }],
  })
  const poison = { answerId: 'poison'.repeat(9), playerId: null as unknown as string, joinOrder: 1, choices: [] }
  const answers = [{ ...poison, receivedAtMs: 1, elapsedMs: 1, delayMs: 0 }]
  t.throws(() => encodeAnswers([{ sessionId: 's', questionId: 'q', questionIndex: 1, answers }]), TypeError)
  t.same(Buffer.from(encodeAnswers(next.questions)), Buffer.from(toBinary(AnswerBatchSchema, next)))
  const batch = create(EvaluationBatchSchema, { sessionId: 's', questionCount: 1 })
  const broken = { ...batch, evaluations: [undefined as unknown as EvaluationBatch['evaluations'][number]] }
  t.throws(() => encodeEvaluationBatches([batch, broken]), TypeError)
  t.same(Buffer.from(encodeEvaluationBatch(batch)), Buffer.from(toBinary(EvaluationBatchSchema, batch)))
})
