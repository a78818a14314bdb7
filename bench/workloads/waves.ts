import type { Child } from '../lib/processes.ts'
import type { CeilingRatio, Figure, Goal, ScenarioContext } from '../lib/scenario.ts'
import { median, summarize, sumOf } from '../lib/statistics.ts'
import type { Audience } from './audience.ts'
import { type RawTurn, startRawPrograms } from './raw-programs.ts'
import { cpuPerAnswer, playRound, type Round, type Target } from './round.ts'

/** Saturated waves in turns: every player of one side answers one question as fast as the connections take it, then the next side's. */

/** One of what is measured in turns, with what it has answered so far. */
export interface WaveSide {
  readonly target: Target
  readonly sender: Child
  readonly audience: Audience
  accepted: number
  unanswered: number
}

/** The round, counted for the checks after the last one. */
export const count = (side: WaveSide, round: Round): Round => {
  side.accepted += round.acceptedCount
  side.unanswered += round.refused.none ?? 0
  return round
}

/** What one turn of every side and of the raw programs took, CPU in microseconds. */
export interface Turn {
  readonly raw: RawTurn
  readonly podium: Wave
  readonly telemetry?: Wave | undefined
  readonly sockets?: Wave | undefined
  readonly against?: Wave | undefined
}

export interface Wave {
  readonly perSecond: number
  /** Per answer, by process. */
  readonly cpu: Readonly<Record<string, number>>
}

const playWave = async (side: WaveSide, connections: number): Promise<Wave> => {
  const { target, sender, audience } = side
  const pattern = { kind: 'even', withinMs: 0 } as const
  const round = count(side, await playRound(target, sender, audience, { pattern, connections }))
  return { perSecond: round.perSecond, cpu: cpuPerAnswer(round) }
}

/** Waves of every side that do not count: it takes some ten thousand answers until the code of every process is compiled. */
export const WARMING_WAVES = 2

/** A, B, C, A, B, C: what the machine does meanwhile touches all of them alike. */
export const playTurns = async (
  context: Pick<ScenarioContext<'waves' | 'connections'>, 'numbers' | 'start' | 'defer' | 'progress'>,
  sides: { readonly podium: WaveSide } & Partial<Record<'telemetry' | 'sockets' | 'against', WaveSide | undefined>>,
): Promise<readonly Turn[]> => {
  const { waves, connections } = context.numbers
  const raw = await startRawPrograms(context)
  const play = async (side: WaveSide | undefined): Promise<Wave | undefined> => side && playWave(side, connections)
  const turns: Turn[] = []
  for (let n = 1 - WARMING_WAVES; n <= waves; n++) {
    const podium = await playWave(sides.podium, connections)
    const turn: Turn = {
      podium,
      raw: await raw.turn(sides.podium.sender, RAW_REQUESTS, connections),
      against: await play(sides.against),
      telemetry: await play(sides.telemetry),
      sockets: await play(sides.sockets),
    }
    const perSecond = Object.entries({
      podium,
      against: turn.against,
      telemetry: turn.telemetry,
      sockets: turn.sockets,
    })
      .filter(([, wave]) => wave !== undefined)
      .map(([name, wave]) => `${name} ${Math.round(wave?.perSecond ?? 0)}/s`)
    context.progress(
      `${n > 0 ? `turn ${n} of ${waves}` : 'warming'}: ${perSecond.join(', ')}, raw POST ${Math.round(turn.raw.postsPerSecond)}/s ${turn.raw.postMicros.toFixed(1)} µs, raw insert ${turn.raw.insertMicros.toFixed(1)} µs`,
    )
    if (n > 0) turns.push(turn)
  }
  return turns
}

/** Of the size of an answer with its token. */
const RAW_REQUESTS = [
  {
    path: '/answers',
    token: 'x'.repeat(400),
    body: JSON.stringify({ answerId: 'x'.repeat(36), questionId: 'x'.repeat(36), choice: 1 }),
  },
]

const total = ({ cpu }: Wave): number => sumOf(Object.values(cpu))

const atLeast = (value: number): Goal => ({ direction: 'at least', value })
const atMost = (value: number): Goal => ({ direction: 'at most', value })

/** What is measured besides the waves, of the same run. */
export interface Besides {
  /** Of all processes at half the knee, microseconds per answer. */
  readonly halfMicros: number
  readonly streamBytes: number
  readonly ledgerBytes: number
  /** Name of the commit that `against` is. */
  readonly commit?: string | undefined
}

/** The rows of the goals: ratios of the same turn, then the median of the turns. Their names stay the same between commits. */
export const wavesFigures = (turns: readonly Turn[], { halfMicros, streamBytes, ledgerBytes, commit }: Besides) => {
  const ratio = (name: string, goal: Goal | undefined, of: (turn: Turn) => number): CeilingRatio => {
    const rounds = turns.map(of)
    return { name, ratio: median(rounds), rounds, ...(goal !== undefined && { goal }) }
  }
  const pair = (
    name: string,
    side: 'telemetry' | 'sockets' | 'against',
    of: (wave: Wave, ours: Wave) => number,
    goal?: Goal,
  ) =>
    turns.every((turn) => turn[side] !== undefined)
      ? [ratio(name, goal, (turn) => of(turn[side] ?? turn.podium, turn.podium))]
      : []
  const saturated = median(turns.map(({ podium }) => total(podium)))
  const ratios: CeilingRatio[] = [
    ratio('end to end ÷ raw POST', atLeast(0.28), ({ podium, raw }) => podium.perSecond / raw.postsPerSecond),
    ...pair(`answers/s ÷ ${commit}`, 'against', (theirs, ours) => ours.perSecond / theirs.perSecond, atLeast(2)),
    ...pair(`CPU per answer ÷ ${commit}`, 'against', (theirs, ours) => total(ours) / total(theirs)),
    ratio('CPU ÷ raw POST CPU', atMost(7), ({ podium, raw }) => total(podium) / raw.postMicros),
    ratio(
      'edge CPU ÷ raw POST CPU',
      atMost(2.6),
      ({ podium, raw }) => (podium.cpu.edge ?? Number.NaN) / raw.postMicros,
    ),
    ratio(
      'Postgres CPU ÷ raw insert CPU',
      atMost(1.7),
      ({ podium, raw }) => (podium.cpu.postgres ?? Number.NaN) / raw.insertMicros,
    ),
    {
      name: 'CPU at half the knee ÷ saturated',
      ratio: halfMicros / saturated,
      rounds: [halfMicros / saturated],
      goal: atMost(1.4),
    },
    ...pair(
      'CPU with telemetry at 1 % ÷ off',
      'telemetry',
      (theirs, ours) => total(theirs) / total(ours),
      atMost(1.05),
    ),
    ...pair('answers/s over WebSockets ÷ HTTP', 'sockets', (theirs, ours) => theirs.perSecond / ours.perSecond),
    ...pair('CPU over WebSockets with boards ÷ HTTP', 'sockets', (theirs, ours) => total(theirs) / total(ours)),
  ]
  const figures: Figure[] = [
    { name: 'answers/s in saturated waves', unit: '1/s', ...summarize(turns.map(({ podium }) => podium.perSecond)) },
    ...(turns.every(({ sockets }) => sockets !== undefined)
      ? [
          {
            name: 'answers/s over WebSockets',
            unit: '1/s',
            ...summarize(turns.map(({ sockets }) => sockets?.perSecond ?? Number.NaN)),
          },
        ]
      : []),
    { name: 'raw POSTs/s', unit: '1/s', ...summarize(turns.map(({ raw }) => raw.postsPerSecond)) },
    { name: 'raw POST CPU', unit: 'µs', ...summarize(turns.map(({ raw }) => raw.postMicros)) },
    {
      name: 'raw insert CPU, program and Postgres',
      unit: 'µs',
      ...summarize(turns.map(({ raw }) => raw.insertMicros)),
    },
    { name: 'stream bytes per answer', unit: 'B', value: streamBytes, goal: atMost(200) },
    { name: 'ledger bytes per answer', unit: 'B', value: ledgerBytes, goal: atMost(140) },
  ]
  return { ratios, figures }
}
