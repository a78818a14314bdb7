import type { ServiceName } from '../../deploy/local/stack.ts'
import { tickMs } from '../../services/edge/streams/fan-out.ts'
import { defineScenario } from '../lib/scenario.ts'
import { checkLedger } from '../load/ledger.ts'
import { startLoad } from '../load/play.ts'
import { playSteps } from '../load/steps.ts'
import { describeSteps } from '../load/steps-result.ts'
import { measureStorage } from '../load/storage.ts'
import { createWorld } from '../load/world.ts'

/** Players of a watched session are few: its boards come with the shortest tick. */
const WATCHED_TICK_MS = tickMs(10)

/** One process may open so many files on common systems, and some of them are others. */
const MOST_SOCKETS = 18_000

/** One host for all sessions opens their questions at once. The limit of a player's answers is as always. */
const HOST_RATES = { RATE_COMMANDS: '100000/10000' }

export const scenario = defineScenario({
  name: 'pipeline',
  summary: 'answers of many sessions from the edge to the boards, open loop, at growing rates',
  seconds: 100,
  options: {
    sessions: { help: 'sessions at once', default: '20', quick: '5' },
    players: { help: 'players of each', default: '1000', quick: '400' },
    watched: { help: 'small sessions besides, whose players see each other’s scores', default: '30', quick: '10' },
    rates: {
      help: 'answers a second of one step each; every step is one question, answered by everybody once',
      default: '5000,10000,15000,20000,25000,30000,35000,40000,45000',
      quick: '2000,4000',
    },
    connections: { help: 'HTTP connections that the players share, as behind a gateway', default: '600', quick: '100' },
    sockets: { help: 'yes: every player has a WebSocket of its own and answers over it', default: 'no' },
    env: { help: 'environment of the services, for instance SCORER_PACE_MS=4,LOG_LEVEL=info', default: '' },
    copies: { help: 'copies of services, for instance edge=2,scorer=2', default: '' },
  },
  run: async (context) => {
    const { options, progress } = context
    const rates = options.rates.split(',').map(Number)
    const overSockets = options.sockets === 'yes'
    if (overSockets && Number(options.sessions) * Number(options.players) > MOST_SOCKETS) {
      throw new Error(`sockets=yes opens one per player: at most ${MOST_SOCKETS}, so choose fewer sessions or players`)
    }
    const stack = await context.stack({
      copies: copiesOf(options.copies),
      env: { ...HOST_RATES, ...pairsOf(options.env) },
    })
    const world = await createWorld(stack, {
      sessions: Number(options.sessions),
      players: Number(options.players),
      watchedSessions: Number(options.watched),
      // One to warm, the steps, two for latencies, one that comes all at once.
      questions: rates.length + 5,
      overSockets,
    })
    context.defer(() => world.close())
    progress(`${world.players.length} players in ${world.sessionIds.length} sessions`)
    const load = await startLoad(stack, world, Number(options.connections))
    context.defer(() => load.close())
    context.pinGenerator(load.generatorPid)
    const steps = await playSteps(load, rates, progress)
    const ledger = await checkLedger(stack, world.sessionIds, 20)
    return { ...describeSteps(steps, ledger, WATCHED_TICK_MS), payloads: await measureStorage(stack, ledger.rows) }
  },
})

const pairsOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text
      .split(',')
      .filter((entry) => entry !== '')
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  )

const copiesOf = (text: string): Partial<Record<ServiceName, number>> =>
  Object.fromEntries(Object.entries(pairsOf(text)).map(([name, count]) => [name, Number(count)]))
