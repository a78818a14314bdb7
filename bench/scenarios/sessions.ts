import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, newAnswerId, type PodiumClient } from '#client'
import type { Stack } from '../../deploy/local/stack.ts'
import { createSession, hostOf, verifyChecks } from '../lib/crowd.ts'
import { cpuBetween, forEachOf, stackCpu } from '../lib/processes.ts'
import { defineScenario, judge } from '../lib/scenario.ts'
import { latenciesOf, sumOf } from '../lib/statistics.ts'
import { openWebSocket, type RawWebSocket } from '../lib/streams.ts'
import { watchFeeds } from '../workloads/feed-watch.ts'

interface Game {
  readonly host: PodiumClient
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

const prepare = async (stack: Stack, plan: Plan): Promise<Game> => {
  const host = await hostOf(stack)
  const sessionId = await createSession(host, plan.questions, {
    timeLimitSeconds: plan.seconds,
    startDelaySeconds: 1,
    revealSeconds: 1,
    closeWhenAllAnswered: false,
  })
  const game: Game = {
    host,
    sessionId,
    sockets: [],
    openings: new Map(),
    leads: [],
    finished: 0,
    accepted: 0,
    refused: 0,
  }
  const port = Number(new URL(stack.urls.edge).port)
  const guest = createClient({ baseUrl: stack.urls.edge })
  await Promise.all(
    Array.from({ length: plan.players }, async (_, index) => {
      const { token } = await guest.join(sessionId, { nickname: `Player ${index}` })
      const socket: RawWebSocket = await openWebSocket({
        port,
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
    const { sessions, edges, ...plan } = context.numbers
    const stack = await context.stack({ copies: { edge: edges } })
    const games: Game[] = []
    await forEachOf([...Array(sessions).keys()], 4, async (index) => {
      games[index] = await prepare(stack, plan)
    })
    context.progress(`${sessions} sessions with ${plan.players} connected players each`)
    const feeds = await watchFeeds(stack.urls.nats)
    context.defer(feeds.close)
    const before = stackCpu(stack)
    await forEachOf(games, 8, async ({ host, sessionId }) => void (await host.control(sessionId, 'start')))
    const deadline = Date.now() + (plan.questions * (plan.seconds + 2) + 30) * 1_000
    const unfinished = () => games.filter(({ finished, sockets }) => finished < sockets.length).length
    while (unfinished() > 0 && Date.now() < deadline) await sleep(250)
    const cpu = cpuBetween(before, stackCpu(stack))
    const transitions = feeds.transitions()
    const left = unfinished()
    const verified = await verifyChecks(
      stack,
      games.map(({ sessionId }) => sessionId),
    )
    for (const socket of games.flatMap(({ sockets }) => sockets)) socket.close()

    const sum = (pick: (game: Game) => number) => sumOf(games.map(pick))
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
        ...verified,
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
