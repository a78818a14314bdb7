import t from 'tap'
import { attacks } from '../src/attacks/list.ts'
import { runAttacks } from '../src/attacks/run.ts'
import { startTarget } from '../src/target.ts'

// A client that never reads takes a minute to fill what lies between; the edge's own tests have it with less in between.
const chosen = attacks.filter(({ takes }) => takes !== 'a minute')

t.test('bad input has the expected answer', async (t) => {
  const target = await startTarget()
  t.teardown(() => target.stop())
  const observations = await runAttacks(target, chosen)
  for (const [group, members] of Map.groupBy(observations, ({ attack }) => attack.group)) {
    await t.test(group, async (t) => {
      for (const { attack, observed } of members) t.equal(observed, attack.expected, attack.name)
    })
  }
  await t.test('and nobody is woken up: no error and no stack trace is logged', async (t) => {
    t.same(target.complaints(), [])
    t.equal(
      target.stack.processes.reduce((sum, { restarts }) => sum + restarts, 0),
      0,
      'nothing was restarted',
    )
  })
})
