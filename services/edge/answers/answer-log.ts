import type { JetStreamManager } from '@nats-io/jetstream'
import { decodeAnswer, encodeAnswer } from '#platform/contract/codec/answer'
import { streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { PodiumError } from '#platform/errors'
import type { Publisher } from '#platform/publisher'
import type { AnswerLog } from '../ports.ts'

export interface AnswerLogOptions {
  readonly publisher: Publisher
  readonly manager: JetStreamManager
}

/** The stream ANSWERS, which takes one message per session, question and player. */
export const createAnswerLog = ({ publisher, manager }: AnswerLogOptions): AnswerLog => {
  const find: AnswerLog['find'] = async (sessionId, questionIndex, playerId) => {
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
  }
  return {
    // Without a message id: the subject says which answer it is, and for longer than the server remembers ids.
    append: (answer, span) => {
      const subject = subjects.answer(answer.sessionId, answer.questionIndex, answer.playerId)
      return publisher.publish(subject, encodeAnswer(answer), span)
    },
    find,
  }
}
