import { fromBinary, toBinary } from '@bufbuild/protobuf'
import { type Answer, AnswerSchema } from '#gen/answer_pb'
import { EvaluationBatchesSchema, EvaluationBatchSchema } from '#gen/evaluation_pb'
import { durables, streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { newId } from '#platform/ids'
import { connectBus } from '../../../platform/test/support/bus.ts'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { startNats } from '../../../platform/test/support/nats.ts'
import type { TestContext } from '../../../platform/test/support/server.ts'
import type { SessionRows } from '../../../platform/test/support/session-rows.ts'

/** NATS of the test's own, and what an evaluator reads and writes. */
export const createWorld = async (t: TestContext, databaseUrl: string) => {
  const nats = await startNats(t, { streams: true })
  const bus = await connectBus(t, nats.url)
  return {
    urls: { nats: nats.url, postgres: databaseUrl },
    bus,
    publish: async (answer: Answer): Promise<void> => {
      const subject = subjects.answer(answer.sessionId, answer.questionIndex, answer.playerId)
      await bus.publisher.publish(subject, toBinary(AnswerSchema, answer))
    },
    batches: async (sessionId: string) => {
      const own = await bus.payloads(streams.evaluations, subjects.evaluation(sessionId))
      const shared = await bus.payloads(streams.evaluations, subjects.evaluations)
      return [
        ...own.map((payload) => fromBinary(EvaluationBatchSchema, payload)),
        ...shared.flatMap((payload) => fromBinary(EvaluationBatchesSchema, payload).batches),
      ].filter((batch) => batch.sessionId === sessionId)
    },
    settled: (timeoutMs = 15_000): Promise<boolean> =>
      eventually(async () => (await bus.pending(streams.answers, durables.evaluator)) === 0, {
        timeoutMs,
        what: 'every answer is acknowledged',
      }),
  }
}

/** A player's answer to a question of the session, as an edge would publish it. */
export const answerOf = (
  { sessionId, questionIds, playerIds }: SessionRows,
  player: number,
  questionIndex: number,
  changes: Partial<Answer> = {},
): Answer => ({
  $typeName: 'podium.v1.Answer',
  answerId: newId(),
  sessionId,
  questionId: questionIds[questionIndex] ?? newId(),
  questionIndex,
  playerId: playerIds[player] ?? newId(),
  joinOrder: player + 1,
  choices: [0],
  receivedAtMs: 1_760_000_000_000,
  elapsedMs: 1_234,
  ...changes,
})
