import { createBisection } from '../lib/bisection.ts'
import { cpuChart, defineScenario, type Figure, judge, latencyChart } from '../lib/scenario.ts'
import { sumOf } from '../lib/statistics.ts'
import { startClassic } from '../peers/classic/start.ts'
import { type GameSystem, type Probe, probe, SESSION_PLAYERS } from '../workloads/capacity.ts'
import { classicGames, podiumGames } from '../workloads/game-systems.ts'

const ACCEPTED_MS = 50
const VISIBLE_MS = 300
const PHONE_BYTES_GOAL = 12_000
const RATIO_GOAL = 3.5

/** All answers accepted, in the ledger and on the boards, and in time. */
export const isPassed = ({ accepted, visible, checks }: Pick<Probe, 'accepted' | 'visible' | 'checks'>): boolean =>
  accepted.percentile(99) <= ACCEPTED_MS && visible.percentile(99) <= VISIBLE_MS && judge(checks).kind === 'valid'

export const scenario = defineScenario({
  name: 'capacity',
  summary: 'how many connected players one machine holds, for Podium and the classic design, by bisection, in turns',
  seconds: 1_500,
  onlyByName: true,
  options: {
    from: { help: 'players of the first level', default: '3000', quick: '200' },
    most: {
      help: 'players of the highest level; an edge and its generator hold as many files (ulimit -n)',
      default: '19000',
      quick: '400',
    },
    resolution: { help: 'players between the levels that passed and failed, at the end', default: '500', quick: '200' },
    questions: {
      help: 'questions of 10 s of a level; the first and the last are shared with starting and ending',
      default: '4',
      quick: '2',
    },
    attempts: { help: 'a level has failed when it failed so often', default: '2', quick: '1' },
    generators: { help: 'processes that play the players', default: '2' },
    edges: { help: 'copies of the edge', default: '1' },
    peer: { help: 'classic: also the classic design; none', default: 'classic' },
  },
  run: async (context) => {
    const { from, most, resolution, attempts, questions, edges } = context.numbers
    const stack = await context.stack({ copies: { edge: edges } })
    const systems: GameSystem[] = [await podiumGames(context, stack)]
    if (context.options.peer === 'classic') systems.push(classicGames(await startClassic(context)))
    const generators = Array.from({ length: context.numbers.generators }, () =>
      context.start('generators/phones.ts', { isGenerator: true }),
    )
    const searches = systems.map((system) => ({
      system,
      bisection: createBisection({ from, most, step: SESSION_PLAYERS, resolution, attempts }),
      best: undefined as Probe | undefined,
      probes: [] as Probe[],
    }))
    const play = (system: GameSystem, players: number): Promise<Probe> =>
      probe(context, generators, system, { sessions: players / SESSION_PLAYERS, questions })
    // Compiles the code of every process.
    for (const { system } of searches) await play(system, Math.min(from, 1_000))
    while (searches.some(({ bisection }) => bisection.next() !== undefined)) {
      for (const search of searches) {
        const level = search.bisection.next()
        if (level === undefined) continue
        const result = await play(search.system, level)
        search.probes.push(result)
        const passed = isPassed(result)
        search.bisection.record(level, passed)
        if (passed && result.players >= (search.best?.players ?? 0)) search.best = result
        const then = search.bisection.next()
        context.progress(
          `${search.system.name}: ${level} ${passed ? 'passed' : 'failed'}, ${then === undefined ? `so ${search.bisection.best}` : `next ${then}`}`,
        )
      }
    }
    const [podium, classic] = searches
    const bests = searches.flatMap(({ system, best }) => (best === undefined ? [] : [{ name: system.name, best }]))
    return {
      verdict: judge([
        ...searches.map(({ system, best }) => ({
          sentence: `${system.name}: a level passed`,
          holds: best !== undefined,
        })),
        ...bests.flatMap(({ best }) => best.checks),
      ]),
      figures: [
        { name: 'players per machine', unit: '', value: podium?.bisection.best ?? 0 },
        ...(classic === undefined
          ? []
          : [{ name: 'players per machine, classic', unit: '', value: classic.bisection.best }]),
        ...bests.flatMap(({ name, best }) => figuresOf(name, best)),
      ],
      ceilings:
        classic === undefined || podium === undefined
          ? []
          : [
              {
                name: 'players per machine ÷ classic',
                ratio: podium.bisection.best / classic.bisection.best,
                rounds: [podium.bisection.best / classic.bisection.best],
                goal: { direction: 'at least', value: RATIO_GOAL },
              },
            ],
      latencies: bests.flatMap(({ name, best }) => [
        best.accepted.row(`${name}, ${best.players} players: accepted`),
        best.own.row(`${name}, ${best.players} players: own score`),
        best.visible.row(`${name}, ${best.players} players: on another client's board`),
      ]),
      charts: [
        latencyChart(
          'Latencies at the highest level that passed',
          bests.flatMap(({ name, best }) => [
            best.accepted.curve(`${name} accepted`),
            best.visible.curve(`${name} visible`),
          ]),
        ),
        cpuChart(
          'CPU at the highest level that passed, by answer',
          'answer with its share of the boards',
          bests.map(({ name, best }) => ({
            name,
            parts: Object.entries(best.cores).map(([part, share]) => ({
              name: part,
              value: (share * best.seconds * 1e6) / best.answers,
            })),
          })),
        ),
      ],
      notes: [
        `A level passes when accepted p99 is at most ${ACCEPTED_MS} ms, p99 until a board with the answer is on another client at most ${VISIBLE_MS} ms, every answer is accepted and stored, every score told, no client closed. It fails when it failed ${attempts} times.`,
        'Sessions of 100 connected players, questions of 10 s that begin at different times, every player answers within 8 s, over the WebSocket, and shows the board; Podium sends differences (board=changes), Socket.IO whole boards. Figures are of the time in which all sessions play.',
        'Latencies begin at the time fixed for the answer: a late generator counts against the system. The clients read on the same machine.',
        ...searches.flatMap(({ system, probes }) =>
          probes.map(
            (each) =>
              `${system.name}: ${each.players} players, accepted p99 ${each.accepted.percentile(99).toFixed(1)} ms, visible p99 ${each.visible.percentile(99).toFixed(1)} ms${isPassed(each) ? '' : ', failed'}`,
          ),
        ),
      ],
    }
  },
})

const figuresOf = (name: string, best: Probe): Figure[] => [
  {
    name: `${name}: accepted p99`,
    unit: 'ms',
    value: best.accepted.percentile(99),
    goal: { direction: 'at most', value: ACCEPTED_MS },
  },
  {
    name: `${name}: visible p99`,
    unit: 'ms',
    value: best.visible.percentile(99),
    goal: { direction: 'at most', value: VISIBLE_MS },
  },
  {
    name: `${name}: bytes to a phone per question`,
    unit: 'B',
    value: best.bytesPerQuestion,
    ...(name === 'Podium' && { goal: { direction: 'at most' as const, value: PHONE_BYTES_GOAL } }),
  },
  { name: `${name}: answers`, unit: '1/s', value: best.answers / best.seconds },
  { name: `${name}: frames to clients`, unit: '1/s', value: best.framesPerSecond },
  ...Object.entries(best.cores).map(([part, share]) => ({
    name: `${name}: ${part}`,
    unit: '% of a core',
    value: share * 100,
  })),
  { name: `${name}: all processes`, unit: '% of a core', value: sumOf(Object.values(best.cores)) * 100 },
  { name: `${name}: generator`, unit: '% of a core', value: best.generatorCores * 100 },
  { name: `${name}: generator late, p99`, unit: 'ms', value: best.lag.percentile(99) },
]
