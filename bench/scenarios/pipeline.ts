import { startReceiver } from '../../deploy/local/otlp/receiver.ts'
import type { ServiceName, Stack } from '../../deploy/local/stack.ts'
import { PLAYER_INTERVAL_MS, tickMs } from '../../services/edge/streams/fan-out.ts'
import type { Pattern } from '../generators/schedule.ts'
import { createCrowds, createCrowdsOverHttp, verifyChecks } from '../lib/crowd.ts'
import {
  type Check,
  cpuChart,
  defineScenario,
  type Figure,
  GENERATOR_LAG_LIMIT_MS,
  judge,
  latencyChart,
  type ScenarioContext,
} from '../lib/scenario.ts'
import { sumOf } from '../lib/statistics.ts'
import { startCommit } from '../peers/commit/start.ts'
import { openAudience } from '../workloads/audience.ts'
import {
  ledgerCheck,
  pipelineTarget,
  rowBytes,
  type StreamSizes,
  sampleOf,
  streamBytesPerAnswer,
  streamSizes,
  WATCHED_PLAYERS,
} from '../workloads/pipeline-target.ts'
import { cpuPerAnswer, playRound, type Round, refusalsOf, type Target } from '../workloads/round.ts'
import { count, playTurns, WARMING_WAVES, type WaveSide, wavesFigures } from '../workloads/waves.ts'

/** Goals on two cores, everything and the generator on them. */
const ACCEPTED_GOAL_MS = 10
/** Beyond the tick of the board. */
const VISIBLE_GOAL_MS = 25

/** Answers that take longer than this to be accepted show that the rate is not kept up with. */
const KEPT_UP_MS = 250
/** … as does a throughput below this share of the rate. The last batch alone takes some milliseconds. */
const KEPT_UP_SHARE = 0.9
/** Slow enough for the signatures of all tokens to be verified along the way. */
const WARM_PER_SECOND = 2_500

const WATCHED_TICK_MS = tickMs(WATCHED_PLAYERS, PLAYER_INTERVAL_MS)
/** One process may open so many files on common systems, and some of them are others. */
const MOST_SOCKETS = 18_000
type Context = ScenarioContext<
  | 'sessions'
  | 'players'
  | 'watched'
  | 'waves'
  | 'rates'
  | 'connections'
  | 'sockets'
  | 'telemetry'
  | 'against'
  | 'env'
  | 'copies'
>

/** Two to warm, the steps, two for latencies, one that comes all at once. */
const stepsOf = (rates: readonly number[]): number => rates.length + 5

const openSide = async (context: Context, target: Target): Promise<WaveSide> => {
  const sender = context.start('generators/sender.ts', { isGenerator: true })
  const audience = await openAudience(context, target, Math.max(1, target.streams.length))
  return { target, sender, audience, accepted: 0, unanswered: 0 }
}

/** Sizes of the crowds, watched ones first. */
const sizesOf = ({ numbers: { watched, sessions, players } }: Context): number[] => [
  ...Array<number>(watched).fill(WATCHED_PLAYERS),
  ...Array<number>(sessions).fill(players),
]

const podiumSide = async (
  context: Context,
  name: string,
  stack: Stack,
  sizes: readonly number[],
  questions: number,
  isOverSockets = false,
) => {
  const { crowds, close } = await createCrowds(stack, sizes, questions)
  context.defer(close)
  const watched = isOverSockets ? 0 : context.numbers.watched
  const checks = () => verifyChecks(stack, sampleOf(crowds))
  const target = await pipelineTarget(context, { name, checks, stack, crowds, watched, isOverSockets })
  context.progress(`${name}: ${sumOf(sizes)} players in ${sizes.length} sessions`)
  return openSide(context, target)
}

/** The same players at an earlier commit. */
const commitSide = async (context: Context, questions: number) => {
  const stack = await startCommit(context, context.options.against)
  const crowds = await createCrowdsOverHttp(stack, sizesOf(context), questions)
  const name = context.options.against
  const checks = async (accepted: number) => [
    await ledgerCheck(name, stack, accepted),
    await stack.verify(sampleOf(crowds).slice(0, VERIFIED_AGAINST)),
  ]
  const target = await pipelineTarget(context, { name, checks, stack, crowds, watched: context.numbers.watched })
  context.progress(`${name}: ${sumOf(sizesOf(context))} players in ${crowds.length} sessions`)
  return openSide(context, target)
}

/** Each is a process of its own. */
const VERIFIED_AGAINST = 3

const telemetrySide = async (context: Context, questions: number) => {
  const receiver = await startReceiver({ onExport: () => undefined })
  context.defer(receiver.close)
  const stack = await context.stack({
    env: {
      ...pairsOf(context.options.env),
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_TRACES_SAMPLER_ARG: '0.01',
    },
  })
  const side = await podiumSide(context, 'telemetry at 1 %', stack, sizesOf(context), questions)
  return { side, stack }
}

interface Step {
  readonly name: string
  /** Intended answers per second; 0 where they come all at once. */
  readonly rate: number
  readonly round: Round
}

const keepsUp = ({ rate, round }: Step): boolean =>
  round.perSecond >= rate * KEPT_UP_SHARE && round.accepted.percentile(99) <= KEPT_UP_MS

const totalPerAnswer = ({ round }: Step): number => sumOf(Object.values(cpuPerAnswer(round)))

const playSteps = async (context: Context, side: WaveSide, rates: readonly number[]) => {
  const { target, sender, audience } = side
  const play = async (name: string, pattern: Pattern): Promise<Step> => {
    const { connections } = context.numbers
    const round = count(side, await playRound(target, sender, audience, { pattern, connections }))
    const step = { name, rate: pattern.kind === 'poisson' ? pattern.perSecond : 0, round }
    context.progress(lineOf(step))
    return step
  }
  const poisson = (perSecond: number): Pattern => ({ kind: 'poisson', perSecond: Math.round(perSecond) })
  await play('warming', poisson(WARM_PER_SECOND))
  // What is compiled in the middle of a step would be in its latencies.
  await play('warming again', poisson(Math.min(...rates) * 2))
  const growing: Step[] = []
  for (const rate of rates) growing.push(await play(`${rate}/s`, poisson(rate)))
  const knee = Math.max(0, ...growing.filter(keepsUp).map(({ rate }) => rate))
  // Where not even the lowest rate was kept up with, what went through is as good a base.
  const base = knee > 0 ? knee : Math.max(...growing.map(({ round }) => round.perSecond))
  const name = knee > 0 ? 'the knee' : 'the most'
  const half = await play(`50 % of ${name}`, poisson(base * 0.5))
  const others = [await play(`80 % of ${name}`, poisson(base * 0.8)), await play('thundering', { kind: 'thundering' })]
  return { growing, knee, half, quoted: [half, ...others] }
}

const lineOf = (step: Step): string => {
  const { name, round } = step
  const p = (what: 'accepted' | 'own' | 'visible' | 'lag') =>
    `${round[what].percentile(50).toFixed(1)}/${round[what].percentile(99).toFixed(1)}`
  const parts = Object.entries(cpuPerAnswer(round)).map(([process, micros]) => `${process} ${micros.toFixed(1)}`)
  return (
    `${name}: ${Math.round(round.perSecond)}/s end to end, ${round.acceptedCount} of ${round.sent} accepted ${refusalsOf([round])}, ` +
    `p50/p99 accepted ${p('accepted')} own ${p('own')} visible ${p('visible')} lag ${p('lag')} ms, ` +
    `${totalPerAnswer(step).toFixed(1)} µs: ${parts.join(', ')}, generator ${(round.generatorMicros / round.acceptedCount).toFixed(1)}`
  )
}

export const scenario = defineScenario({
  name: 'pipeline',
  summary:
    'answers of many sessions from the edge to the boards: saturated in turns with raw programs, then at growing rates',
  seconds: 300,
  options: {
    sessions: { help: 'sessions at once', default: '20', quick: '5' },
    players: { help: 'players of each', default: '1000', quick: '400' },
    watched: { help: 'small sessions besides, whose players see each other’s scores', default: '30', quick: '10' },
    rates: {
      help: 'answers a second of one step each; every step is one question, answered by every player once',
      default: '5000,10000,15000,20000,25000,30000,35000,40000,45000',
      quick: '2000,4000',
    },
    connections: { help: 'HTTP connections that the players share, as behind a gateway', default: '600', quick: '100' },
    waves: { help: 'turns of saturated waves that count', default: '5', quick: '1' },
    sockets: {
      help: 'players of sessions besides who answer over a WebSocket each and get its boards; 0: none',
      default: '5000',
      quick: '400',
    },
    telemetry: { help: 'yes: a second Podium with telemetry at 1 %, in turns', default: 'yes' },
    against: { help: 'a commit: Podium as it was then, in turns (make bench AGAINST=commit)', default: '' },
    env: { help: 'environment of the services, for instance SCORER_PACE_MS=4,LOG_LEVEL=info', default: '' },
    copies: { help: 'copies of services, for instance edge=2,scorer=2', default: '' },
  },
  run: async (context) => {
    const { options, numbers } = context
    const rates = options.rates.split(',').map(Number)
    if (numbers.sockets > MOST_SOCKETS) throw new Error(`sockets: one is open per player, at most ${MOST_SOCKETS}`)
    const copies = Object.entries(pairsOf(options.copies)).map(([name, count]) => [name, Number(count)])
    const stack = await context.stack({
      copies: Object.fromEntries(copies) as Partial<Record<ServiceName, number>>,
      env: pairsOf(options.env),
    })
    const waves = numbers.waves + WARMING_WAVES
    const podium = await podiumSide(context, 'Podium', stack, sizesOf(context), waves + stepsOf(rates))
    const sockets =
      numbers.sockets > 0
        ? await podiumSide(
            context,
            'over WebSockets',
            stack,
            socketSizes(numbers.sockets, numbers.players),
            waves,
            true,
          )
        : undefined
    const observed = options.telemetry === 'yes' ? await telemetrySide(context, waves) : undefined
    const against = options.against === '' ? undefined : await commitSide(context, waves)
    const sizesBefore: StreamSizes = await streamSizes(stack)
    const turns = await playTurns(context, { podium, sockets, telemetry: observed?.side, against })
    // Nothing else has anything to do from here on.
    const observedChecks = observed === undefined ? [] : await observed.side.target.checks(observed.side.accepted)
    await observed?.stack.stop()
    const { growing, knee, half, quoted } = await playSteps(context, podium, rates)

    const best = growing.reduce((most, step) => (step.round.perSecond > most.round.perSecond ? step : most))
    const sides = [podium, sockets, observed?.side, against].filter((side) => side !== undefined)
    const accepted = podium.accepted + (sockets?.accepted ?? 0)
    const lost = sumOf(sides.map(({ unanswered }) => unanswered))
    const unseen = sumOf(quoted.map(({ round }) => round.unseen))
    // Beyond the knee the generator's connections are taken and the machine is: late then means nothing.
    const lag = Math.max(...[...growing.filter(keepsUp), ...quoted].map(({ round }) => round.lag.percentile(99)))
    const isOnTime = lag <= GENERATOR_LAG_LIMIT_MS
    const bytes = await rowBytes(stack)
    const sizes = await streamSizes(stack)
    const checks: Check[] = [
      await ledgerCheck('Podium', stack, accepted),
      ...(await podium.target.checks(podium.accepted)),
      ...((await sockets?.target.checks(sockets.accepted)) ?? []),
      ...((await against?.target.checks(against.accepted)) ?? []),
      ...observedChecks,
      { sentence: `every answer got a reply (${lost} did not)`, holds: lost === 0 },
      { sentence: `every score of a watched player was seen (${unseen} were not)`, holds: unseen === 0 },
    ]
    const { ratios, figures } = wavesFigures(turns, {
      halfMicros: totalPerAnswer(half),
      streamBytes: streamBytesPerAnswer(sizesBefore, sizes, accepted),
      ledgerBytes: bytes.ledger ?? Number.NaN,
      commit: options.against,
    })
    return {
      verdict: judge(checks),
      ceilings: ratios,
      figures: [
        ...figures,
        figure('answers end to end, open loop', '1/s', best.round.perSecond),
        figure('knee', '1/s', knee),
        figure(`CPU per answer at ${best.name}`, 'µs', totalPerAnswer(best)),
        ...Object.entries(cpuPerAnswer(best.round)).map(([name, micros]) =>
          figure(`CPU per answer, ${name}`, 'µs', micros),
        ),
        figure('CPU per answer, generator', 'µs', best.round.generatorMicros / best.round.acceptedCount),
        ...(isOnTime
          ? [
              figure('accepted p99 at half the knee', 'ms', half.round.accepted.percentile(99), {
                direction: 'at most',
                value: ACCEPTED_GOAL_MS,
              }),
              figure('own score p99 at half the knee', 'ms', half.round.own.percentile(99)),
              figure('visible to another client p99 at half the knee', 'ms', half.round.visible.percentile(99), {
                direction: 'at most',
                value: WATCHED_TICK_MS + VISIBLE_GOAL_MS,
              }),
            ]
          : []),
      ],
      latencies: (isOnTime ? quoted : []).flatMap(({ name, round }) => [
        round.accepted.row(`${name}: accepted`),
        round.own.row(`${name}: own score`),
        round.visible.row(`${name}: visible to another`),
      ]),
      charts: [
        {
          kind: 'lines',
          title: 'Rate against time until accepted',
          x: { label: 'intended rate', unit: '1/s' },
          y: { label: 'accepted', unit: 'ms', scale: 'log' },
          series: [50, 99].map((percent) => ({
            name: `p${percent}`,
            points: growing.map(({ rate, round }) => [rate, round.accepted.percentile(percent)] as const),
          })),
        },
        latencyChart(
          'Latencies by percentile',
          quoted.flatMap(({ name, round }) => [
            round.accepted.curve(`${name}: accepted`),
            round.visible.curve(`${name}: visible`),
          ]),
        ),
        cpuChart(
          'CPU per answer by process',
          'answer',
          growing.map(({ name, round }) => ({
            name,
            parts: Object.entries(cpuPerAnswer(round)).map(([part, value]) => ({ name: part, value })),
          })),
        ),
      ],
      payloads: payloadsOf(sizesBefore, sizes, bytes, accepted),
      notes: [
        `The generator was late by ${lag.toFixed(2)} ms at p99 up to the knee${isOnTime ? '' : `, more than ${GENERATOR_LAG_LIMIT_MS} ms: there are no latencies`}.`,
        'Rows with ÷ are medians of turns: a wave of Podium, then one of each of the others, then the raw programs. In a wave every connection sends its next answer when the last was accepted; it is over when the last answer is on its board.',
        'The knee is the highest rate of which nine tenths or more were on their boards when the last was, and p99 accepted within 250 ms.',
        `Boards of the watched sessions are sent every ${WATCHED_TICK_MS} ms at the most. Latencies begin at the intended sending time.`,
      ],
    }
  },
})

const figure = (name: string, unit: string, value: number, goal?: Figure['goal']): Figure => ({
  name,
  unit,
  value,
  ...(goal !== undefined && { goal }),
})

const pairsOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text
      .split(',')
      .filter((entry) => entry !== '')
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  )

/** Sessions of the usual size with so many players in all. */
const socketSizes = (sockets: number, players: number): number[] => {
  const sessions = Math.max(1, Math.round(sockets / players))
  return Array<number>(sessions).fill(Math.round(sockets / sessions))
}

const payloadsOf = (
  before: StreamSizes,
  after: StreamSizes,
  rows: Readonly<Record<string, number>>,
  answers: number,
): Readonly<Record<string, number>> => {
  const payloads: Record<string, number> = {}
  for (const [name, { bytes, messages }] of after) {
    const earlier = before.get(name) ?? { bytes: 0, messages: 0 }
    const added = messages - earlier.messages
    if (added <= 0) continue
    payloads[`${name}, message`] = Math.round((bytes - earlier.bytes) / added)
    payloads[`${name}, per answer`] = Math.round((bytes - earlier.bytes) / answers)
  }
  for (const [table, bytes] of Object.entries(rows)) payloads[`${table}, row`] = Math.round(bytes)
  return payloads
}
