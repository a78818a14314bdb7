import type { JetStreamManager } from '@nats-io/jetstream'
import type { Answer } from '#gen/answer_pb'
import { decodeAnswer, encodeAnswer } from '#platform/contract/codec/answer'
import { streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { PodiumError } from '#platform/errors'
import type { Publisher, PublishOutcome } from '#platform/publisher'
import type { Span } from '#platform/telemetry'

export type AnswerLog = ReturnType<typeof createAnswerLog>

/** The stream ANSWERS, which takes one message per session, question and player. */
export const createAnswerLog = ({
  publisher,
  manager,
}: {
  readonly publisher: Publisher
  readonly manager: JetStreamManager
}) => ({
  /**
   * The stream itself refuses a second answer of a player to a question, also the same one again. Without a message id: the
   * subject says which answer it is, and for longer than the server remembers ids.
   */
  append: (answer: Answer, span?: Span): Promise<PublishOutcome> => {
    const subject = subjects.answer(answer.sessionId, answer.questionIndex, answer.playerId)
    return publisher.publish(subject, encodeAnswer(answer), span)
  },
  /** The stored answer of a player to a question, if there is one. @throws PodiumError `unavailable` */
  find: async (sessionId: string, questionIndex: number, playerId: string): Promise<Answer | undefined> => {
    const query = { last_by_subj: subjects.answer(sessionId, questionIndex, playerId) }
    try {
      const stored =
        (await manager.direct.getMessage(streams.answers, query)) ??
        // A follower that lags does not have it yet; only the leader can say that there is none.
        (await manager.streams.getMessage(streams.answers, query))
      return stored === null ? undefined : decodeAnswer(stored.data)
    } catch (cause) {
      throw new PodiumError('unavailable', { cause })
    }
  },
})
