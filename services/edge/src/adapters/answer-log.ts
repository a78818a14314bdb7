import type { JetStreamManager } from '@nats-io/jetstream'
import type { Answer } from '#gen/answer_pb'
import { decodeAnswer, encodeAnswer } from '#lib/codec/answer'
import { streams } from '#lib/contract/streams'
import { subjects } from '#lib/contract/subjects'
import { PodiumError } from '#lib/errors'
import type { Publisher } from '#lib/publisher'
import type { AnswerLog } from '../app/ports.ts'

export interface AnswerLogOptions {
  readonly publisher: Publisher
  readonly manager: JetStreamManager
}

type Query = { readonly seq: number } | { readonly last_by_subj: string }

/** The stream ANSWERS, which takes one message per session, question and player. */
export const createAnswerLog = ({ publisher, manager }: AnswerLogOptions): AnswerLog => {
  const read = async (query: Query): Promise<Answer | undefined> => {
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
    append: (answer, span) =>
      publisher.publish(
        subjects.answer(answer.sessionId, answer.questionIndex, answer.playerId),
        encodeAnswer(answer),
        // With the player's id, so that one player's answerId cannot swallow another player's answer.
        `${answer.playerId}.${answer.answerId}`,
        span,
      ),
    find: (sessionId, questionIndex, playerId) =>
      read({ last_by_subj: subjects.answer(sessionId, questionIndex, playerId) }),
    at: (sequence) => read({ seq: sequence }),
  }
}
