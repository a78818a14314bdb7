import { PLAYER_INTERVAL_MS, tickMs } from '../../services/edge/streams/fan-out.ts'
import {
  type Check,
  cpuChart,
  defineScenario,
  type Figure,
  type Goal,
  generatorCheck,
  judge,
  latencyChart,
  type ScenarioContext,
} from '../lib/scenario.ts'
import { type Latencies, median, mergedLatencies, summarize, sumOf } from '../lib/statistics.ts'
import { startClassic } from '../peers/classic/start.ts'
import { openAudience } from '../workloads/audience.ts'
import { cpuPerAnswer, playRound, type Round, refusalsOf, type Target } from '../workloads/round.ts'
import { classicSession, podiumSession } from '../workloads/session-targets.ts'

type Context = ScenarioContext<'players' | 'rounds' | 'watched' | 'edges' | 'peer'>

/** Accepted p99 in milliseconds, for so many players. */
const ACCEPTED_GOALS: Readonly<Record<number, number>> = { 1000: 10, 5000: 25, 10000: 100 }

interface Goals {
  readonly accepted?: Goal | undefined
  readonly visible?: Goal | undefined
}

const goalsFor = (players: number): Goals => {
  const atMost = (value: number | undefined): Goal | undefined =>
    value === undefined ? undefined : { direction: 'at most', value }
  return { accepted: atMost(ACCEPTED_GOALS[players]), visible: atMost(tickMs(players, PLAYER_INTERVAL_MS) + 25) }
}

const WITHIN_MS = 2_000
/** Players have one each; beyond this many there is always a free one. */
const CONNECTIONS = 2_000

/** A round that warms, then those that count. */
const play = async (context: Context, target: Target, goals: Goals = {}) => {
  const { rounds, watched } = context.numbers
  const sender = context.start('generators/sender.ts', { isPunctual: true, isGenerator: true })
  const audience = await openAudience(context, target, watched)
  const connections = Math.min(CONNECTIONS, target.streams.length)
  context.progress(`${target.name}: ${target.streams.length} players connected`)
  const played: Round[] = []
  for (let n = 0; n <= rounds; n++) {
    const pattern = { kind: 'even', withinMs: WITHIN_MS } as const
    const round = await playRound(target, sender, audience, { pattern, connections })
    const p99 = (what: 'accepted' | 'visible' | 'lag') => round[what].percentile(99).toFixed(1)
    context.progress(
      `${target.name}: ${n === 0 ? 'warming' : `round ${n} of ${rounds}`}: ${round.acceptedCount} of ${round.sent} accepted, p99 ${p99('accepted')} ms, visible p99 ${p99('visible')} ms, generator late by ${p99('lag')} ms`,
    )
    if (n > 0) played.push(round)
    else if (round.acceptedCount < round.sent) context.progress(`refused: ${refusalsOf([round])}`)
  }
  const summary = summaryOf(target.name, played, goals)
  const checks = await target.checks(sumOf(played.map((round) => round.acceptedCount)) + target.streams.length)
  await Promise.all([sender.stop(), audience.stop()])
  return { ...summary, checks: [...summary.checks, ...checks] }
}

/** What the rounds on one target add up to. */
const summaryOf = (name: string, rounds: readonly Round[], goals: Goals) => {
  const sum = (pick: (round: Round) => number): number => sumOf(rounds.map(pick))
  const merged = (what: 'accepted' | 'own' | 'visible' | 'lag'): Latencies =>
    mergedLatencies(rounds.map((round) => round[what]))
  const [accepted, visible, lag] = [merged('accepted'), merged('visible'), merged('lag')]
  const percentile = (what: 'accepted' | 'own' | 'visible', percent: number, goal?: Goal): Figure => ({
    name: `${name}: ${what}, p${percent}`,
    unit: 'ms',
    ...summarize(rounds.map((round) => round[what].percentile(percent))),
    ...(goal === undefined ? {} : { goal }),
  })
  const cpu = rounds.map(cpuPerAnswer)
  const [sent, acceptedCount, unseen] = [
    sum((round) => round.sent),
    sum((round) => round.acceptedCount),
    sum((round) => round.unseen),
  ]
  const refused = refusalsOf(rounds)
  const checks: Check[] = [
    {
      sentence: `${name}: ${sent} answers sent, ${acceptedCount} accepted${refused === '' ? '' : `, refused: ${refused}`}`,
      holds: sent === acceptedCount,
    },
    {
      sentence: `${name}: every accepted answer showed on its player's board (${unseen} did not)`,
      holds: unseen === 0,
    },
    {
      sentence: `${name}: no board went back, no client was closed`,
      holds: rounds.every(({ audience }) => audience.backwards === 0 && audience.closed === 0),
    },
    generatorCheck(lag.percentile(99)),
  ]
  return {
    name,
    checks,
    figures: [
      percentile('accepted', 50),
      percentile('accepted', 99, goals.accepted),
      percentile('own', 99),
      percentile('visible', 50),
      percentile('visible', 99, goals.visible),
      {
        name: `${name}: CPU per answer and its fan-out, all processes`,
        unit: 'µs',
        ...summarize(cpu.map((each) => sumOf(Object.values(each)))),
      },
      { name: `${name}: first answer to last acceptance`, unit: 's', ...summarize(rounds.map((each) => each.seconds)) },
    ],
    latencies: [
      accepted.row(`${name}: answer → accepted`),
      merged('own').row(`${name}: answer → own score`),
      visible.row(`${name}: answer → on another client's board`),
      lag.row(`${name}: generator later than intended`),
    ],
    curves: [accepted.curve(`${name} accepted`), visible.curve(`${name} visible`)],
    cpu: Object.keys(cpu[0] ?? {}).map((part) => ({ name: part, value: median(cpu.map((each) => each[part] ?? 0)) })),
    payloads: {
      [`${name}: answer, HTTP body`]: rounds[0]?.bodyBytes ?? 0,
      [`${name}: message to a client`]: Math.round(
        sum(({ audience }) => audience.bytes) /
          Math.max(
            1,
            sum(({ audience }) => audience.frames),
          ),
      ),
    },
  }
}

const CPU_RATIO_GOAL = 0.5

/** Of all processes, per answer. */
const microsOf = ({ cpu }: Pick<ReturnType<typeof summaryOf>, 'cpu'>): number => sumOf(cpu.map(({ value }) => value))

export const scenario = defineScenario({
  name: 'session',
  summary: 'one session, all players answer one question within two seconds',
  seconds: 50,
  options: {
    players: { help: 'players of the session, for instance 1000, 5000 or 10000', default: '1000', quick: '200' },
    rounds: { help: 'questions that count', default: '2', quick: '1' },
    watched: { help: 'players whose streams are timed, spread over all', default: '250', quick: '50' },
    edges: { help: 'copies of the edge', default: '1' },
    peer: { help: 'classic: also on the classic design; none', default: 'classic' },
  },
  run: async (context) => {
    const { players, rounds, edges } = context.numbers
    const stack = await context.stack({ copies: { edge: edges } })
    const target = await podiumSession(context, stack, players, rounds + 1)
    const ours = await play(context, target, goalsFor(players))
    const peers = []
    if (context.options.peer === 'classic') {
      await stack.stop()
      peers.push(await play(context, await classicSession(await startClassic(context), players)))
    }
    const shown = [ours, ...peers.filter(({ checks }) => judge(checks).kind === 'valid')]
    return {
      verdict: judge(shown.flatMap(({ checks }) => checks)),
      figures: shown.flatMap(({ figures }) => figures),
      ceilings: shown.slice(1).map((peer) => {
        const ratio = microsOf(ours) / microsOf(peer)
        const goal: Goal = { direction: 'at most', value: CPU_RATIO_GOAL }
        return { name: 'CPU per answer with its fan-out ÷ classic', ratio, rounds: [ratio], goal }
      }),
      latencies: shown.flatMap(({ latencies }) => latencies),
      charts: [
        latencyChart(
          `${players} players answer within two seconds`,
          shown.flatMap(({ curves }) => curves),
        ),
        cpuChart(
          'CPU time per answer, with its share of the fan-out',
          'answer',
          shown.map(({ name, cpu }) => ({ name, parts: cpu })),
        ),
      ],
      payloads: Object.assign({}, ...shown.map(({ payloads }) => payloads)),
      notes: [
        `The tick of the leaderboard is ${tickMs(players, PLAYER_INTERVAL_MS)} ms for ${players} players. Latencies begin at the time that was fixed for the answer before the round.`,
        'The streams of the players watched are read and timed at once, those of the others after the round.',
        'CPU per answer contains the fan-out of the boards: a frame to every player and tick.',
        ...peers.flatMap(({ name, checks }) => {
          const verdict = judge(checks)
          return verdict.kind === 'void' ? [`${name} has no figures: ${verdict.reasons.join('; ')}`] : []
        }),
      ],
    }
  },
})
