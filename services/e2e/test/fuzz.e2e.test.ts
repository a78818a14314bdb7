import t from 'tap'
import { totalOf } from '../src/fuzz/ledger.ts'
import { fuzz } from '../src/fuzz/run.ts'
import { FUZZ_STACK } from '../src/fuzz/stack.ts'
import { textReport } from '../src/fuzz/text-report.ts'
import { startTarget } from '../src/target.ts'

/** Longer: make fuzz SECONDS=600 SEED=n */
const SECONDS = 8

t.test('an edge bears drawn requests, bytes and frames while others play', async (t) => {
  const target = await startTarget(FUZZ_STACK)
  t.teardown(() => target.stop())
  const seed = Number(process.env.SEED ?? 1 + Math.floor(Math.random() * 1_000_000))
  const report = await fuzz(target, { seed, seconds: SECONDS })
  t.comment(textReport(report))
  t.ok(totalOf(report.ledger) > 1_000, 'there was an attack')
  t.same(report.faults, [], `with seed ${seed}`)
})
