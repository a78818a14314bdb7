import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, newAnswerId, type PodiumClient } from '#client'
import type { Stack } from '../../deploy/local/stack.ts'
import { verifySession } from '../../services/verify/index.ts'
import { hostOf } from '../lib/crowd.ts'
import { latenciesOf } from '../lib/latencies.ts'
import { forEachOf } from '../lib/pool.ts'
import { openWebSocket, type RawWebSocket } from '../lib/raw-websocket.ts'
import { defineScenario, judge } from '../lib/scenario.ts'
import { cpuBetween, stackCpu } from '../lib/stack-cpu.ts'
import { watchFeeds } from '../workloads/feed-watch.ts'

interface Game {
  readonly sessionId: string
  readonly sockets: RawWebSocket[]
  /** Per question: when each player had it, in milliseconds of the monotonic clock. */
  readonly openings: Map<number, number[]>
  /** Per player and question: how long before it opened the player had it, in milliseconds. */
  readonly leads: number[]
  finished: number
  accepted: number
  refused: number
}

interface Plan {
  readonly players: number
  readonly questions: number
  readonly seconds: number
}

const quizOf = ({ questions }: Plan) => ({
  title: 'Timers',
  questions: Array.from({ length: questions }, (_, index) => ({
    kind: 'single_choice' as const,
    prompt: `Question ${index}`,
    options: ['a', 'b', 'c', 'd'],
    correct: index % 4,
  })),
})

const onMessage = (game: Game, socket: () => RawWebSocket | undefined, text: string): void => {
  if (text.startsWith('{"type":"question.opened"')) {
    const { data } = JSON.parse(text)
    const openings = game.openings.get(data.index) ?? []
    openings.push(performance.now())
    game.openings.set(data.index, openings)
    game.leads.push(data.opensAt - Date.now())
    const delay = Math.max(0, data.opensAt - Date.now()) + 5 + Math.random() * 2_000
    const answer = { answerId: newAnswerId(), questionId: data.questionId, choice: Math.floor(Math.random() * 4) }
    setTimeout(() => socket()?.send(JSON.stringify({ type: 'answer', ref: 1, data: answer })), delay)
  } else if (text.startsWith('{"type":"answer.accepted"')) game.accepted += 1
  else if (text.startsWith('{"type":"error"')) game.refused += 1
  else if (text.startsWith('{"type":"session.finished"')) game.finished += 1
}

const prepare = async (stack: Stack, host: PodiumClient, plan: Plan): Promise<Game> => {
  const { quizId } = await host.createQuiz(quizOf(plan))
  const { sessionId } = await host.createSession({
    quizId,
    settings: {
      access: 'guests',
      timeLimitSeconds: plan.seconds,
      startDelaySeconds: 1,
      revealSeconds: 1,
      closeWhenAllAnswered: false,
    },
  })
  const game: Game = { sessionId, sockets: [], openings: new Map(), leads: [], finished: 0, accepted: 0, refused: 0 }
  const { hostname, port } = new URL(stack.urls.edge)
  const guest = createClient({ baseUrl: stack.urls.edge })
  await Promise.all(
    Array.from({ length: plan.players }, async (_, index) => {
      const { token } = await guest.join(sessionId, { nickname: `Player ${index}` })
      const socket: RawWebSocket = await openWebSocket({
        host: hostname,
        port: Number(port),
        path: `/v1/sessions/${sessionId}/ws`,
        token,
        onMessage: (text) => onMessage(game, () => socket, text),
        onClose: () => undefined,
      })
      game.sockets.push(socket)
    }),
  )
  return game
}

/** Sessions that do not verify. */
const countDifferent = async ({ urls }: Stack, games: readonly Game[]): Promise<number> => {
  const { postgres: databaseUrl, redis: redisUrl, nats: natsUrl } = urls
  let different = 0
  await forEachOf(games, 4, async ({ sessionId }) => {
    const report = await verifySession({ sessionId, databaseUrl, redisUrl, natsUrl, waitMs: 5_000 })
    if (!report.equal) different += 1
  })
  return different
}

const TIMER_GOAL = { direction: 'at most', value: 100 } as const

export const scenario = defineScenario({
  name: 'sessions',
  summary: 'many sessions at once, moved on by their timers; every player answers over a WebSocket',
  seconds: 30,
  options: {
    sessions: { help: 'sessions at once', default: '200', quick: '20' },
    players: { help: 'players of each', default: '25', quick: '10' },
    questions: { help: 'questions of each', default: '2', quick: '1' },
    seconds: { help: 'time limit of a question', default: '4', quick: '3' },
    edges: { help: 'copies of the edge', default: '2' },
  },
  run: async (context) => {
    const { options } = context
    const sessions = Number(options.sessions)
    const plan = {
      players: Number(options.players),
      questions: Number(options.questions),
      seconds: Number(options.seconds),
    }
    const stack = await context.stack({ copies: { edge: Number(options.edges) } })
    // A user may give so many commands a second; every host has a few sessions.
    const hosts = await Promise.all(Array.from({ length: Math.ceil(sessions / 10) }, () => hostOf(stack)))
    const hostFor = (index: number): PodiumClient => hosts[index % hosts.length] as PodiumClient
    const games: Game[] = []
    await forEachOf([...Array(sessions).keys()], 4, async (index) => {
      games[index] = await prepare(stack, hostFor(index), plan)
    })
    context.progress(`${sessions} sessions with ${plan.players} connected players each`)
    const feeds = await watchFeeds(stack.urls.nats)
    context.defer(feeds.close)
    const before = stackCpu(stack)
    await forEachOf(games, 8, async ({ sessionId }, index) => void (await hostFor(index).control(sessionId, 'start')))
    const deadline = Date.now() + (plan.questions * (plan.seconds + 2) + 30) * 1_000
    const unfinished = () => games.filter(({ finished, sockets }) => finished < sockets.length).length
    while (unfinished() > 0 && Date.now() < deadline) await sleep(250)
    const cpu = cpuBetween(before, stackCpu(stack))
    const transitions = feeds.transitions()
    const [left, different] = [unfinished(), await countDifferent(stack, games)]
    for (const socket of games.flatMap(({ sockets }) => sockets)) socket.close()

    const sum = (pick: (game: Game) => number) => games.reduce((total, game) => total + pick(game), 0)
    const [accepted, refused] = [sum((game) => game.accepted), sum((game) => game.refused)]
    const leads = games.flatMap((game) => game.leads)
    const late = leads.filter((lead) => lead < 0).length
    const opens = latenciesOf(feeds.openLateness())
    const closes = latenciesOf(feeds.closeLateness())
    const skews = latenciesOf(
      games.flatMap(({ openings }) => [...openings.values()].map((times) => Math.max(...times) - Math.min(...times))),
    )
    return {
      verdict: judge([
        { sentence: `every session finished for every player (${left} did not)`, holds: left === 0 },
        { sentence: `every session verified (${different} did not)`, holds: different === 0 },
        {
          sentence: `every player answered every question: ${accepted} accepted, ${refused} refused`,
          holds: accepted === sessions * plan.players * plan.questions && refused === 0,
        },
      ]),
      figures: [
        // The first question is opened by its host.
        ...(opens.count > 0
          ? [
              {
                name: 'question opens later than planned, p99',
                unit: 'ms',
                value: opens.percentile(99),
                goal: TIMER_GOAL,
              },
            ]
          : []),
        { name: 'question closes later than planned, p99', unit: 'ms', value: closes.percentile(99), goal: TIMER_GOAL },
        { name: 'first to last player of a session has it, p99', unit: 'ms', value: skews.percentile(99) },
        {
          name: 'players who had a question after it opened',
          unit: '',
          value: late,
          goal: { direction: 'at most', value: 0 },
        },
        ...Object.entries(cpu).map(([name, micros]) => ({
          name: `CPU per transition and its answers, ${name}`,
          unit: 'µs',
          value: micros / transitions,
        })),
      ],
      latencies: [
        opens.row('question opens later than planned'),
        closes.row('question closes later than limit and grace'),
        skews.row('first to last player of a session has it'),
      ],
      notes: [
        `${transitions} transitions. With players=1 the CPU is that of the transitions themselves.`,
        'The players are in the process of the scenario: its own delays are in the third row.',
      ],
    }
  },
})
