import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { AnswerBatchSchema } from '#gen/answer_pb'
import { EvaluationBatchesSchema, EvaluationBatchSchema } from '#gen/evaluation_pb'
import { answersStream, evaluatorDurable, streams } from '#platform/contract/streams'
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
    /** Stores one message with these answers. */
    publish: async (...questions: Question[]): Promise<void> => {
      const payload = toBinary(AnswerBatchSchema, create(AnswerBatchSchema, { questions }))
      await bus.publisher.publish(subjects.answers(0), payload)
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
      eventually(async () => (await bus.pending(answersStream(0), evaluatorDurable(0))) === 0, {
        timeoutMs,
        what: 'every answer is acknowledged',
      }),
  }
}

type Question = NonNullable<MessageInitShape<typeof AnswerBatchSchema>['questions']>[number]
type Answer = NonNullable<Question['answers']>[number]

/** A player's answer to a question of the session, as an edge would publish it. */
export const answerOf = (
  { sessionId, questionIds, playerIds }: SessionRows,
  player: number,
  questionIndex: number,
  changes: Answer & Pick<Question, 'questionId'> = {},
): Question => {
  const { questionId = questionIds[questionIndex] ?? newId(), ...more } = changes
  const answer = {
    answerId: newId(),
    playerId: playerIds[player] ?? newId(),
    joinOrder: player + 1,
    choices: [0],
    receivedAtMs: 1_760_000_000_000,
    elapsedMs: 1_234,
    ...more,
  }
  return { sessionId, questionId, questionIndex, answers: [answer] }
}
