import { fromBinary } from '@bufbuild/protobuf'
import { DeliverPolicy, jetstream } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { AnswerSchema } from '#gen/answer_pb'
import { natsOptions } from '#platform/nats'
import type { AnswerRecord } from './records.ts'

const TIMEOUT_MS = 5_000
const PAGE = 5_000
const STREAM = 'ANSWERS'

export interface AnswerSource {
  /** Every accepted answer of a session that the stream holds now. */
  read(sessionId: string, onAnswer: (answer: AnswerRecord) => void): Promise<void>
  close(): Promise<void>
}

export const connectAnswers = async (natsUrl: string): Promise<AnswerSource> => {
  const nc = await connect({ ...natsOptions(natsUrl, 'verify'), name: 'verify', timeout: TIMEOUT_MS, reconnect: false })

  return {
    read: async (sessionId, onAnswer) => {
      const consumer = await jetstream(nc, { timeout: TIMEOUT_MS }).consumers.get(STREAM, {
        filter_subjects: `podium.v1.answer.${sessionId}.*.*`,
        deliver_policy: DeliverPolicy.All,
      })
      try {
        let pending = (await consumer.info()).num_pending
        while (pending > 0) {
          const before = pending
          const page = await consumer.fetch({ max_messages: Math.min(PAGE, pending), expires: TIMEOUT_MS })
          for await (const message of page) {
            onAnswer(recordOf(message.data))
            pending = message.info.pending
          }
          if (pending === before) throw new Error('the stream of answers cannot be read to its end')
        }
      } finally {
        await consumer.delete()
      }
    },
    close: () => nc.close(),
  }
}

const recordOf = (payload: Uint8Array): AnswerRecord => {
  const answer = fromBinary(AnswerSchema, payload)
  return {
    playerId: answer.playerId,
    questionId: answer.questionId,
    questionIndex: answer.questionIndex,
    joinOrder: answer.joinOrder,
    answerId: answer.answerId,
    choices: answer.choices,
    text: answer.text,
    elapsedMs: answer.elapsedMs,
    receivedAtMs: answer.receivedAtMs,
  }
}
