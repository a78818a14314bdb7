import { randomUUID } from 'node:crypto'
import { create, toBinary } from '@bufbuild/protobuf'
import { type JetStreamClient, jetstream } from '@nats-io/jetstream'
import { AnswerSchema } from '#gen/answer_pb'
import { subjects } from '#platform/contract/subjects'
import { newId } from '#platform/ids'
import { connectAsOperator } from '../operator.ts'
import type { Target } from '../target.ts'
import { attacksOf, openGame } from './attack.ts'

/** What the streams take; what workers do with bad messages is in their own tests. */

const publish = async (target: Target, use: (js: JetStreamClient) => Promise<unknown>): Promise<string> => {
  const nc = await connectAsOperator(target.stack)
  try {
    return await use(jetstream(nc)).then(
      () => 'stored',
      () => 'refused',
    )
  } finally {
    await nc.close()
  }
}

export const busAttacks = attacksOf('Bus', [
  [
    'a subject of an unknown version',
    'refused',
    (target) => publish(target, (js) => js.publish(`podium.v2.answer.${newId()}.0.${newId()}`, Buffer.from('x'))),
  ],
  [
    'a second answer of the same player',
    'refused',
    async (target) => {
      const { game, questionId } = await openGame(target)
      const { sessionId } = game
      const { playerId } = await game.join()
      const answer = { sessionId, questionId, questionIndex: 0, playerId, answerId: randomUUID(), choices: [0] }
      const payload = toBinary(AnswerSchema, create(AnswerSchema, answer))
      const subject = subjects.answer(sessionId, 0, playerId)
      await publish(target, (js) => js.publish(subject, payload))
      return publish(target, (js) => js.publish(subject, payload))
    },
  ],
])
