import t from 'tap'
import type { AnswerPlan } from '../../client/testing/persona.ts'
import { scriptFor } from '../incidents.ts'

const plan: AnswerPlan = {
  kind: 'on-time',
  content: { choice: 0 },
  delayMs: 300,
  via: 'http',
  again: false,
  second: undefined,
  impatient: false,
}

t.test('from seven players on everything happens, in a game of any length', async (t) => {
  for (const players of [7, 8, 49, 50, 2_000]) {
    for (const questions of [1, 2, 4, 10, 100]) {
      const { incidents, latecomers } = scriptFor(players, questions)
      t.strictSame(
        new Set(incidents.map(({ type }) => type)),
        new Set(['pause', 'changes-device', 'is-removed', 'leaves', 'disconnects', 'comes-back', 'joins-late']),
      )
      t.equal(latecomers.length, players < 50 ? 1 : 3)
      t.ok(incidents.every(({ question }) => question >= 0 && question < questions))
      const time = (type: string) => {
        const { question = 0, afterMs = 0 } = incidents.find((one) => one.type === type) ?? {}
        return question * 1e6 + afterMs
      }
      t.ok(time('disconnects') < time('comes-back'))
    }
  }
})

t.test('with few players there are fewer parts, and always a player without one', async (t) => {
  for (const players of [1, 2, 3, 4]) {
    const parts = new Set(scriptFor(players, 10).incidents.map(({ player }) => player))
    t.equal(parts.size - 1, Math.max(0, players - 2))
  }
})

t.test(
  'a player that leaves is silent then, and the first player keeps a question open until its incidents are over',
  async (t) => {
    const { incidents, adapt } = scriptFor(8, 10)
    for (const { type, player, question, afterMs } of incidents) {
      if (player !== undefined && ['leaves', 'disconnects', 'is-removed'].includes(type)) {
        t.equal(adapt(plan, player, question).kind, 'silent')
        t.equal(adapt(plan, player, question + 1).kind, 'on-time')
      }
      t.ok(adapt(plan, 0, question).delayMs > afterMs)
    }
    t.strictSame(adapt(plan, 7, 2), plan)
    t.strictSame(adapt(plan, 0, 9), plan)
  },
)
