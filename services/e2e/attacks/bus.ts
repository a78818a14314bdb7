import { randomUUID } from 'node:crypto'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { AnswerSchema } from '#gen/answer_pb'
import { DeadLetterSchema } from '#gen/dead_letter_pb'
import { EvaluationBatchSchema } from '#gen/evaluation_pb'
import { type StreamName, streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { newId } from '#platform/ids'
import { eventually } from '../../platform/test/support/eventually.ts'
import { connectAsOperator } from '../operator.ts'
import type { Target } from '../target.ts'
import { attacksOf, openGame } from './attack.ts'

interface Bus {
  readonly js: JetStreamClient
  readonly manager: JetStreamManager
}

const withBus = async (target: Target, use: (bus: Bus) => Promise<string>): Promise<string> => {
  const nc = await connectAsOperator(target.stack)
  try {
    return await use({ js: jetstream(nc), manager: await jetstreamManager(nc) })
  } finally {
    await nc.close()
  }
}

/** Puts a message into a stream and waits for the dead letter that it becomes. */
const poison = (target: Target, stream: StreamName, subject: string, payload: Uint8Array): Promise<string> =>
  withBus(target, async ({ js, manager }) => {
    const { seq } = await js.publish(subject, payload)
    const letter = await eventually(
      async () => {
        for (let at = 1; ; ) {
          const query = { seq: at, next_by_subj: subjects.dead(stream) } as { seq: number }
          const message = await manager.streams.getMessage(streams.deadLetters, query)
          if (message === null) return undefined
          const letter = fromBinary(DeadLetterSchema, message.data)
          if (Number(letter.streamSequence) === seq) return letter
          at = message.seq + 1
        }
      },
      { timeoutMs: 10_000, intervalMs: 50, what: 'there is a dead letter' },
    )
    return `dead letter: ${letter.reason}`
  })

const answerTo = async (target: Target) => {
  const { game, questionId } = await openGame(target)
  const { playerId } = await game.join()
  const answer = {
    sessionId: game.sessionId,
    questionId,
    questionIndex: 0,
    playerId,
    answerId: randomUUID(),
    choices: [0],
  }
  return { subject: subjects.answer(game.sessionId, 0, playerId), answer, playerId }
}

export const busAttacks = attacksOf('Bus', [
  [
    'an empty message',
    'dead letter: subject-mismatch',
    async (target) => poison(target, streams.answers, (await answerTo(target)).subject, new Uint8Array()),
  ],
  [
    'bytes that are no message',
    'dead letter: undecodable',
    async (target) => poison(target, streams.answers, (await answerTo(target)).subject, Buffer.from('ffffffff', 'hex')),
  ],
  [
    '2 MB that are no message',
    'dead letter: undecodable',
    async (target) => poison(target, streams.answers, (await answerTo(target)).subject, Buffer.alloc(2_000_000, 0xff)),
  ],
  [
    'an answer with a text of 2 MB',
    'dead letter: invalid-answer',
    async (target) => {
      const { subject, answer } = await answerTo(target)
      const payload = toBinary(AnswerSchema, create(AnswerSchema, { ...answer, text: 'x'.repeat(2_000_000) }))
      return poison(target, streams.answers, subject, payload)
    },
  ],
  [
    'an answer under the subject of another player',
    'dead letter: subject-mismatch',
    async (target) => {
      const { subject, answer } = await answerTo(target)
      const payload = toBinary(AnswerSchema, create(AnswerSchema, { ...answer, playerId: newId() }))
      return poison(target, streams.answers, subject, payload)
    },
  ],
  [
    'an answer to another question under this one’s subject',
    'dead letter: question-mismatch',
    async (target) => {
      const { subject, answer } = await answerTo(target)
      const payload = toBinary(AnswerSchema, create(AnswerSchema, { ...answer, questionId: newId() }))
      return poison(target, streams.answers, subject, payload)
    },
  ],
  [
    'an answer in a session that does not exist',
    'dead letter: unknown-session',
    async (target) => {
      const { answer } = await answerTo(target)
      const sessionId = newId()
      const payload = toBinary(AnswerSchema, create(AnswerSchema, { ...answer, sessionId }))
      return poison(target, streams.answers, subjects.answer(sessionId, 0, answer.playerId), payload)
    },
  ],
  [
    'an answer to question 99',
    'dead letter: unknown-question',
    async (target) => {
      const { answer } = await answerTo(target)
      const payload = toBinary(AnswerSchema, create(AnswerSchema, { ...answer, questionIndex: 99 }))
      return poison(target, streams.answers, subjects.answer(answer.sessionId, 99, answer.playerId), payload)
    },
  ],
  [
    'evaluations that are no message',
    'dead letter: undecodable',
    async (target) => {
      const { game } = await openGame(target)
      return poison(target, streams.evaluations, subjects.evaluation(game.sessionId), Buffer.from('ffff', 'hex'))
    },
  ],
  [
    'evaluations of another session than the subject’s',
    'dead letter: subject-mismatch',
    async (target) => {
      const { game } = await openGame(target)
      const payload = toBinary(EvaluationBatchSchema, create(EvaluationBatchSchema, { sessionId: newId() }))
      return poison(target, streams.evaluations, subjects.evaluation(game.sessionId), payload)
    },
  ],
  [
    'scores that are no message',
    'dead letter: undecodable',
    async (target) => {
      const { game } = await openGame(target)
      return poison(target, streams.scores, subjects.score(game.sessionId), Buffer.from('ffff', 'hex'))
    },
  ],
  [
    'a subject of an unknown version',
    'not delivered',
    (target) =>
      withBus(target, ({ js }) =>
        js.publish(`podium.v2.answer.${newId()}.0.${newId()}`, Buffer.from('x')).then(
          () => 'stored',
          () => 'not delivered',
        ),
      ),
  ],
  [
    'a second answer of the same player',
    'refused by the stream',
    async (target) => {
      const { subject, answer } = await answerTo(target)
      return withBus(target, async ({ js }) => {
        const payload = toBinary(AnswerSchema, create(AnswerSchema, answer))
        await js.publish(subject, payload)
        return js.publish(subject, payload).then(
          () => 'stored',
          () => 'refused by the stream',
        )
      })
    },
  ],
])
