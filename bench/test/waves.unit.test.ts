import t from 'tap'
import { type Turn, wavesFigures } from '../workloads/waves.ts'

const turn = (share: number): Turn => ({
  raw: { postsPerSecond: 80_000, postMicros: 10, insertMicros: 8 },
  podium: { perSecond: 80_000 * share, cpu: { edge: 25, postgres: 12, worker: 20 } },
  telemetry: { perSecond: 1, cpu: { edge: 27, postgres: 12, worker: 20.85 } },
  against: { perSecond: 10_000, cpu: { edge: 100 } },
})
const besides = { halfMicros: 68.4, streamBytes: 180, ledgerBytes: 138, commit: '421104b' }

t.test('the rows of the goals have their names, and are ratios of the same turn', async (t) => {
  const { ratios, figures } = wavesFigures([turn(0.2), turn(0.3), turn(0.4)], besides)
  const values = new Map([
    ...ratios.map(({ name, ratio }) => [name, Number(ratio.toFixed(3))] as const),
    ...figures.map(({ name, value }) => [name, value] as const),
  ])
  t.match(Object.fromEntries(values), {
    'end to end ÷ raw POST': 0.3,
    'edge CPU ÷ raw POST CPU': 2.5,
    'CPU ÷ raw POST CPU': 5.7,
    'stream bytes per answer': 180,
    'ledger bytes per answer': 138,
    'Postgres CPU ÷ raw insert CPU': 1.5,
    'CPU at half the knee ÷ saturated': 1.2,
    'CPU with telemetry at 1 % ÷ off': 1.05,
    'answers/s ÷ 421104b': 2.4,
  })
  const [first] = ratios
  t.same(first?.rounds, [0.2, 0.3, 0.4], 'one ratio per turn')
})

t.test('a side that was not measured has no row', async (t) => {
  const { telemetry: _, against: __, ...alone } = turn(0.3)
  const { ratios } = wavesFigures([alone], besides)
  t.notOk(ratios.some(({ name }) => /421104b|telemetry|WebSockets/.test(name)))
})
