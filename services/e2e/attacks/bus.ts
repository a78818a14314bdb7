import { type JetStreamClient, jetstream } from '@nats-io/jetstream'
import { newId } from '#platform/ids'
import { connectAsOperator } from '../operator.ts'
import type { Target } from '../target.ts'
import { attacksOf } from './attack.ts'

/** What the streams take; what workers do with bad messages and with second answers is in their own tests. */

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
    (target) => publish(target, (js) => js.publish(`podium.v2.answers.${newId()}`, Buffer.from('x'))),
  ],
])
