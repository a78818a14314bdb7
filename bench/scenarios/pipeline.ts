import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import pg from 'pg'
import { answersStream, streams } from '#platform/contract/streams'
import { natsOptions } from '#platform/nats'
import type { ServiceName, Stack } from '../../deploy/local/stack.ts'
import { PLAYER_INTERVAL_MS, tickMs } from '../../services/edge/streams/fan-out.ts'
import type { Pattern } from '../generators/schedule.ts'
import { answerRequest, createCrowds, openEverywhere, verifyChecks, watchBacklog } from '../lib/crowd.ts'
import { stackCpu } from '../lib/processes.ts'
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
import { openAudience } from '../workloads/audience.ts'
import { cpuPerAnswer, playRound, type Round, refusalsOf, type Target } from '../workloads/round.ts'

/** Goals on two cores, everything and the generator on them. */
const PER_SECOND_GOAL = 40_000
const CPU_GOAL = 45
const ACCEPTED_GOAL_MS = 10
/** Beyond the tick of the board. */
const VISIBLE_GOAL_MS = 25

/** Answers that take longer than this to be accepted show that the rate is not kept up with. */
const KEPT_UP_MS = 250
/** … as does a throughput below this share of the rate. The last batch alone takes some milliseconds. */
const KEPT_UP_SHARE = 0.9
/** Slow enough for the signatures of all tokens to be verified along the way. */
const WARM_PER_SECOND = 2_500

/** As many players as the top of a board shows: its boards come with the shortest tick. */
const WATCHED_PLAYERS = 10
const WATCHED_TICK_MS = tickMs(WATCHED_PLAYERS, PLAYER_INTERVAL_MS)
/** One process may open so many files on common systems, and some of them are others. */
const MOST_SOCKETS = 18_000
/** Verified after the run. */
const VERIFIED = 20

type Context = ScenarioContext<
  'sessions' | 'players' | 'watched' | 'rates' | 'connections' | 'sockets' | 'env' | 'copies'
>

/** Small watched sessions and large ones. Watched players are always right, so that each answer shows as a higher score. */
const createTarget = async ({ numbers, options, defer }: Context, stack: Stack, questions: number) => {
  const { watched, sessions, players } = numbers
  const sizes = [...Array<number>(watched).fill(WATCHED_PLAYERS), ...Array<number>(sessions).fill(players)]
  const { crowds, close } = await createCrowds(stack, sizes, questions)
  const backlog = await watchBacklog(stack)
  defer(() => Promise.all([close(), backlog.close()]))
  const small = crowds.slice(0, watched)
  const isOverSockets = options.sockets === 'yes'
  const target: Target = {
    name: 'Podium',
    port: Number(new URL(stack.urls.edge).port),
    feed: 'podium',
    streams: small.flatMap((crowd) =>
      crowd.players.map(({ token }) => ({ path: `/v1/sessions/${crowd.sessionId}/ws`, token })),
    ),
    groupSize: WATCHED_PLAYERS,
    open: async () => {
      const requests = await openEverywhere(crowds)
      return requests.map((request, index) => {
        if (index < watched * WATCHED_PLAYERS) return request
        const { sessionId, questionId, token } = request
        const answer = answerRequest(sessionId, token, questionId, Math.floor(Math.random() * 4))
        return isOverSockets ? { ...answer, path: `/v1/sessions/${sessionId}/ws`, isFrame: true } : answer
      })
    },
    cpu: () => stackCpu(stack),
    drained: backlog.empty,
    checks: async (accepted) => {
      const ids = crowds.map(({ sessionId }) => sessionId)
      const step = Math.max(1, Math.floor(ids.length / VERIFIED))
      const sample = ids.filter((_, index) => index % step === 0)
      const rows = await ledgerRows(stack)
      return [
        { sentence: `${accepted} answers were accepted and ${rows} are in the ledger`, holds: accepted === rows },
        ...(await verifyChecks(stack, sample)),
      ]
    },
  }
  return { target, players: sumOf(sizes) }
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

const playSteps = async (context: Context, target: Target, rates: readonly number[]) => {
  const sender = context.start('generators/sender.ts', { isGenerator: true })
  const audience = await openAudience(context, target, target.streams.length)
  const play = async (name: string, pattern: Pattern): Promise<Step> => {
    const { connections } = context.numbers
    const round = await playRound(target, sender, audience, { pattern, connections })
    const step = { name, rate: pattern.kind === 'poisson' ? pattern.perSecond : 0, round }
    context.progress(lineOf(step))
    return step
  }
  const poisson = (perSecond: number): Pattern => ({ kind: 'poisson', perSecond: Math.round(perSecond) })
  const warming = [
    await play('warming', poisson(WARM_PER_SECOND)),
    // What is compiled in the middle of a step would be in its latencies.
    await play('warming again', poisson(Math.min(...rates) * 2)),
  ]
  const growing: Step[] = []
  for (const rate of rates) growing.push(await play(`${rate}/s`, poisson(rate)))
  const knee = Math.max(0, ...growing.filter(keepsUp).map(({ rate }) => rate))
  // Where not even the lowest rate was kept up with, what went through is as good a base.
  const base = knee > 0 ? knee : Math.max(...growing.map(({ round }) => round.perSecond))
  const name = knee > 0 ? 'the knee' : 'the most'
  const half = await play(`50 % of ${name}`, poisson(base * 0.5))
  const others = [await play(`80 % of ${name}`, poisson(base * 0.8)), await play('thundering', { kind: 'thundering' })]
  return { warming, growing, knee, half, quoted: [half, ...others] }
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
  summary: 'answers of many sessions from the edge to the boards, open loop, at growing rates',
  seconds: 100,
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
    sockets: { help: 'yes: the players of the large sessions answer over a WebSocket each', default: 'no' },
    env: { help: 'environment of the services, for instance SCORER_PACE_MS=4,LOG_LEVEL=info', default: '' },
    copies: { help: 'copies of services, for instance edge=2,scorer=2', default: '' },
  },
  run: async (context) => {
    const { options, numbers, progress } = context
    const rates = options.rates.split(',').map(Number)
    if (options.sockets === 'yes' && numbers.sessions * numbers.players > MOST_SOCKETS) {
      throw new Error(`sockets=yes opens one per player: at most ${MOST_SOCKETS}, so choose fewer sessions or players`)
    }
    const copies = Object.entries(pairsOf(options.copies)).map(([name, count]) => [name, Number(count)])
    const stack = await context.stack({
      copies: Object.fromEntries(copies) as Partial<Record<ServiceName, number>>,
      env: pairsOf(options.env),
    })
    // Two to warm, the steps, two for latencies, one that comes all at once.
    const { target, players } = await createTarget(context, stack, rates.length + 5)
    progress(`${players} players in ${numbers.sessions + numbers.watched} sessions`)
    const { warming, growing, knee, half, quoted } = await playSteps(context, target, rates)

    const all = [...growing, ...quoted]
    const best = growing.reduce((most, step) => (step.round.perSecond > most.round.perSecond ? step : most))
    const accepted = sumOf([...warming, ...all].map(({ round }) => round.acceptedCount))
    const lost = sumOf(all.map(({ round }) => round.refused.none ?? 0))
    const unseen = sumOf(quoted.map(({ round }) => round.unseen))
    // Beyond the knee the generator's connections are taken and the machine is: late then means nothing.
    const lag = Math.max(...[...growing.filter(keepsUp), ...quoted].map(({ round }) => round.lag.percentile(99)))
    const checks: Check[] = [
      ...(await target.checks(accepted)),
      { sentence: `every answer got a reply (${lost} did not)`, holds: lost === 0 },
      { sentence: `every score of a watched player was seen (${unseen} were not)`, holds: unseen === 0 },
      {
        sentence: `the generator sent on time up to the knee: lag p99 ${lag.toFixed(2)} ms`,
        holds: lag <= GENERATOR_LAG_LIMIT_MS,
      },
    ]
    return {
      verdict: judge(checks),
      figures: [
        figure('answers end to end', '1/s', best.round.perSecond, { direction: 'at least', value: PER_SECOND_GOAL }),
        figure('knee', '1/s', knee),
        figure(`CPU per answer at ${best.name}`, 'µs', totalPerAnswer(best), { direction: 'at most', value: CPU_GOAL }),
        ...Object.entries(cpuPerAnswer(best.round)).map(([name, micros]) =>
          figure(`CPU per answer, ${name}`, 'µs', micros),
        ),
        figure('CPU per answer, generator', 'µs', best.round.generatorMicros / best.round.acceptedCount),
        figure('accepted p99 at half the knee', 'ms', half.round.accepted.percentile(99), {
          direction: 'at most',
          value: ACCEPTED_GOAL_MS,
        }),
        figure('own score p99 at half the knee', 'ms', half.round.own.percentile(99)),
        figure('visible to another client p99 at half the knee', 'ms', half.round.visible.percentile(99), {
          direction: 'at most',
          value: WATCHED_TICK_MS + VISIBLE_GOAL_MS,
        }),
      ],
      latencies: quoted.flatMap(({ name, round }) => [
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
      payloads: await storedBytes(stack, accepted),
      notes: [
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

const withDatabase = async <T>(stack: Stack, use: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: stack.urls.postgres })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

const ledgerRows = (stack: Stack): Promise<number> =>
  withDatabase(stack, async (client) => {
    const { rows } = await client.query('SELECT count(*)::int AS rows FROM ledger')
    return rows[0].rows
  })

const STORED = [answersStream(0), streams.evaluations, streams.scores, streams.feed]
const TABLES = ['ledger', 'totals', 'question_progress', 'players', 'session_questions', 'sessions', 'quizzes']

/** Bytes on disk: of a stored message, of its share of one answer, and of a row with its part of every index. */
const storedBytes = async (stack: Stack, answers: number): Promise<Readonly<Record<string, number>>> => {
  const bytes: Record<string, number> = {}
  const nats = await connect(natsOptions(stack.urls.nats, 'admin'))
  const manager = await jetstreamManager(nats)
  for (const name of STORED) {
    const { state } = await manager.streams.info(name)
    if (state.messages > 0) bytes[`${name}, message`] = Math.round(state.bytes / state.messages)
    bytes[`${name}, per answer`] = Math.round(state.bytes / answers)
  }
  await nats.close()
  await withDatabase(stack, async (client) => {
    for (const table of TABLES) {
      const { rows } = await client.query(
        // A table that is partitioned has no size of its own.
        `SELECT (pg_total_relation_size('${table}') + coalesce((SELECT sum(pg_total_relation_size(relid))
             FROM pg_partition_tree('${table}') WHERE isleaf), 0))::float8 / nullif(count(*), 0) AS bytes
         FROM ${table}`,
      )
      if (rows[0].bytes !== null) bytes[`${table}, row`] = Math.round(rows[0].bytes)
    }
  })
  return bytes
}
