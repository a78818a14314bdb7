import t from 'tap'
import { attacks, runAttacks } from '../attacks/list.ts'
import { totalOf } from '../fuzz/ledger.ts'
import { fuzz } from '../fuzz/run.ts'
import { FUZZ_STACK } from '../fuzz/stack.ts'
import { textReport } from '../fuzz/text-report.ts'
import { startTarget } from '../target.ts'

/** Longer: make fuzz SECONDS=600 SEED=n */
const FUZZ_SECONDS = 6
const FUZZ_INPUTS = 1_000

t.test('hostile input', async (t) => {
  const target = await startTarget(FUZZ_STACK)
  t.teardown(() => target.stop())

  await t.test('gets documented errors', async (t) => {
    const observations = await runAttacks(target, attacks)
    for (const [group, members] of Map.groupBy(observations, ({ attack }) => attack.group)) {
      await t.test(group, async (t) => {
        for (const { attack, observed } of members) t.equal(observed, attack.expected, attack.name)
      })
    }
    await t.test('causes no error and no stack trace in a log, and no restart', async (t) => {
      t.same(target.complaints(), [])
      t.equal(
        target.stack.processes.reduce((sum, { restarts }) => sum + restarts, 0),
        0,
        'nothing was restarted',
      )
    })
  })

  await t.test('drawn at random disturbs no other client', async (t) => {
    const seed = Number(process.env.SEED ?? 1 + Math.floor(Math.random() * 1_000_000))
    const report = await fuzz(target, { seed, seconds: FUZZ_SECONDS, atLeast: FUZZ_INPUTS })
    t.comment(textReport(report))
    t.ok(totalOf(report.ledger) >= FUZZ_INPUTS, 'enough was sent')
    t.same(report.faults, [], `with seed ${seed}`)
  })
})
