import { fromBinary } from '@bufbuild/protobuf'
import {
  type ConsumerMessages,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  jetstream,
} from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { AnswerBatchSchema } from '#gen/answer_pb'
import { MAX_PARTITIONS } from '#platform/contract/streams'
import { natsOptions } from '#platform/nats'
import type { AnswerRecord } from './records.ts'

const TIMEOUT_MS = 5_000
const PAGE = 200
/** No clock is further off, and nothing of a session is stored longer after its end. */
const SLACK_MS = 300_000

export interface AnswerSource {
  /** Every accepted answer of a session that the streams hold now; `until`: when it was over, if it is. */
  read(sessionId: string, until: Date | undefined, onAnswer: (answer: AnswerRecord) => void): Promise<void>
  close(): Promise<void>
}

export const connectAnswers = async (natsUrl: string): Promise<AnswerSource> => {
  const nc = await connect({ ...natsOptions(natsUrl, 'verify'), name: 'verify', timeout: TIMEOUT_MS, reconnect: false })
  const { consumers } = jetstream(nc, { timeout: TIMEOUT_MS })

  /** False when there is no such partition. */
  const readPartition = async (
    partition: number,
    { from, until }: { readonly from: Date; readonly until: Date | undefined },
    onMessage: (payload: Uint8Array) => void,
  ): Promise<boolean> => {
    let consumer: Awaited<ReturnType<typeof consumers.get>>
    try {
      consumer = await consumers.get(`ANSWERS_${partition}`, {
        filter_subjects: `podium.v1.answers.${partition}`,
        deliver_policy: DeliverPolicy.StartTime,
        opt_start_time: from.toISOString(),
      })
    } catch (err) {
      if (err instanceof JetStreamApiError && err.code === JetStreamApiCodes.StreamNotFound) return false
      throw err
    }
    try {
      let pending = (await consumer.info()).num_pending
      while (pending > 0) {
        const before = pending
        const page: ConsumerMessages = await consumer.fetch({
          max_messages: Math.min(PAGE, pending),
          expires: TIMEOUT_MS,
        })
        for await (const message of page) {
          onMessage(message.data)
          pending = until !== undefined && message.time > until ? 0 : message.info.pending
        }
        if (pending === before) throw new Error('the stream of answers cannot be read to its end')
      }
    } finally {
      await consumer.delete()
    }
    return true
  }

  return {
    read: async (sessionId, end, onAnswer) => {
      const from = new Date(createdAt(sessionId) - SLACK_MS)
      const until = end && new Date(end.getTime() + SLACK_MS)
      const onMessage = (payload: Uint8Array): void => {
        for (const answer of answersOf(sessionId, payload)) onAnswer(answer)
      }
      let partition = 0
      while (partition < MAX_PARTITIONS && (await readPartition(partition, { from, until }, onMessage))) partition += 1
    },
    close: () => nc.close(),
  }
}

/** Milliseconds since the epoch: a UUID of version 7 begins with them. */
const createdAt = (sessionId: string): number => Number.parseInt(sessionId.replace('-', '').slice(0, 12), 16)

const answersOf = (sessionId: string, payload: Uint8Array): readonly AnswerRecord[] =>
  fromBinary(AnswerBatchSchema, payload)
    .questions.filter((question) => question.sessionId === sessionId)
    .flatMap(({ questionId, questionIndex, answers }) =>
      answers.map((answer) => ({
        playerId: answer.playerId,
        questionId,
        questionIndex,
        joinOrder: answer.joinOrder,
        answerId: answer.answerId,
        choices: answer.choices,
        text: answer.text,
        elapsedMs: answer.elapsedMs,
        delayMs: answer.delayMs,
        receivedAtMs: answer.receivedAtMs,
      })),
    )
