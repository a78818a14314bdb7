import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type ServiceName, startStack } from '../deploy/local/stack.ts'
import { environment } from './lib/environment.ts'
import { checkLedger } from './load/ledger.ts'
import { startLoad, type WaveResult } from './load/play.ts'
import { createWorld } from './load/world.ts'

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '100' },
    players: { type: 'string', default: '200' },
    watched: { type: 'string', default: '20' },
    rates: { type: 'string', default: '4000,10000,15000,20000' },
    connections: { type: 'string', default: '400' },
    copies: { type: 'string', default: '' },
    sockets: { type: 'boolean', default: false },
    'prof-generator': { type: 'string', default: '' },
    prof: { type: 'string', default: '' },
  },
})

const copies = Object.fromEntries(
  values.copies.split(',').flatMap((entry) => {
    const [name, count] = entry.split('=')
    return name !== undefined && count !== undefined ? [[name, Number(count)]] : []
  }),
) as Partial<Record<ServiceName, number>>

const rates = values.rates.split(',')
console.log(environment())
const dir = await mkdtemp(join(tmpdir(), 'podium-bench-'))
const env = values.prof === '' ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${values.prof}` }
const stack = await startStack({
  dir,
  copies,
  env,
  logLevel: 'warn',
  onLine: (line) => line.includes('"level":4') && console.log(line),
})
let bad = false
try {
  let began = performance.now()
  const lap = (what: string) => {
    console.log(`${what}: ${((performance.now() - began) / 1_000).toFixed(1)} s`)
    began = performance.now()
  }
  const world = await createWorld(stack, {
    sessions: Number(values.sessions),
    players: Number(values.players),
    questions: rates.length,
    watchedSessions: Number(values.watched),
    overSockets: values.sockets,
  })
  lap(`${world.players.length} players in ${world.sessionIds.length} sessions`)
  const execArgv = values['prof-generator'] === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${values['prof-generator']}`]
  const load = await startLoad(stack, world, { connections: Number(values.connections), execArgv })
  lap('generator')
  let accepted = 0
  for (const [index, rate] of rates.entries()) {
    const wave = await load.wave(
      index,
      rate === 't' ? { kind: 'thundering' } : { kind: 'poisson', perSecond: Number(rate) },
    )
    accepted += wave.accepted
    print(rate, wave)
  }
  lap('waves')
  await load.close()
  await world.close()
  const check = await checkLedger(stack, world.sessionIds, 20)
  bad = check.rows !== accepted || check.different > 0
  console.log(
    `${accepted} accepted, ${check.rows} ledger rows, ${check.verified} sessions verified, ${check.different} different`,
  )
  lap('check')
} finally {
  await stack.stop()
  await rm(dir, { recursive: true, force: true })
}
process.exitCode = bad ? 1 : 0

function print(rate: string, wave: WaveResult): void {
  const ms = (name: keyof WaveResult['histograms']) => {
    const h = wave.histograms[name]
    return `${name} ${[50, 90, 99, 99.9, 100].map((p) => (h.getValueAtPercentile(p) / 1_000).toFixed(1)).join('/')}`
  }
  const cpu = Object.entries(wave.cpu).map(([name, micros]) => `${name} ${(micros / wave.accepted).toFixed(1)}`)
  const all = Object.entries(wave.cpu).reduce((sum, [name, micros]) => (name === 'generator' ? sum : sum + micros), 0)
  console.log(
    `${rate.padStart(6)}/s: ${Math.round(wave.perSecond)}/s end to end, ${wave.accepted} of ${wave.sent}, refused ${JSON.stringify(wave.refused)}, unanswered ${wave.unanswered}, unseen ${wave.unseen}\n` +
      `        ${ms('accepted')}  ${ms('ownScore')}  ${ms('visible')}  ${ms('lag')}\n` +
      `        µs/answer: all ${(all / wave.accepted).toFixed(1)} = ${cpu.join(', ')}`,
  )
}
