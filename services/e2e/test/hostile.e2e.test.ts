import t from 'tap'
import { attacks } from '../attacks/list.ts'
import { runAttacks } from '../attacks/run.ts'
import { totalOf } from '../fuzz/ledger.ts'
import { fuzz } from '../fuzz/run.ts'
import { FUZZ_STACK } from '../fuzz/stack.ts'
import { textReport } from '../fuzz/text-report.ts'
import { startTarget } from '../target.ts'

// A client that never reads takes a minute to fill what lies between; the edge's own tests have it with less in between.
const chosen = attacks.filter(({ takes }) => takes !== 'a minute')

/** Longer: make fuzz SECONDS=600 SEED=n */
const FUZZ_SECONDS = 6

t.test('a Podium among people who mean no good', async (t) => {
  const target = await startTarget(FUZZ_STACK)
  t.teardown(() => target.stop())

  await t.test('bad input has the expected answer', async (t) => {
    const observations = await runAttacks(target, chosen)
    for (const [group, members] of Map.groupBy(observations, ({ attack }) => attack.group)) {
      await t.test(group, async (t) => {
        for (const { attack, observed } of members) t.equal(observed, attack.expected, attack.name)
      })
    }
    await t.test('and there is no alert: no error and no stack trace is logged', async (t) => {
      t.same(target.complaints(), [])
      t.equal(
        target.stack.processes.reduce((sum, { restarts }) => sum + restarts, 0),
        0,
        'nothing was restarted',
      )
    })
  })

  await t.test('random requests, bytes and frames disturb no other client', async (t) => {
    const seed = Number(process.env.SEED ?? 1 + Math.floor(Math.random() * 1_000_000))
    const report = await fuzz(target, { seed, seconds: FUZZ_SECONDS })
    t.comment(textReport(report))
    t.ok(totalOf(report.ledger) > 1_000, 'there was an attack')
    t.same(report.faults, [], `with seed ${seed}`)
  })
})
