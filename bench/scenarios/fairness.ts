import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, newAnswerId } from '#client'
import { openWebSocket } from '../../services/e2e/raw-websocket.ts'
import type { LagCompensation } from '../../services/game/scoring/lag.ts'
import { type AnyStack, createSession, hostOf, RIGHT_CHOICE, verifyChecks } from '../lib/crowd.ts'
import { type Check, defineScenario, type Figure, judge } from '../lib/scenario.ts'
import { sumOf } from '../lib/statistics.ts'
import { type Network, startSlowNetwork } from '../workloads/slow-network.ts'

/** Players who are all equally quick, and differ only in what lies between them and the edge. */
interface Group {
  readonly name: string
  readonly network: Network
  /** Milliseconds by which pongs to questions are held back. */
  readonly holdsPongsMs?: number
}

const NEAREST = '10 ms'
const CHEATS = 'delayed pongs'
const GROUPS: readonly Group[] = [
  { name: NEAREST, network: { delayMs: 10, jitterMs: 0 } },
  { name: '80 ms', network: { delayMs: 80, jitterMs: 0 } },
  { name: '80 ms and up to 80 ms of jitter', network: { delayMs: 80, jitterMs: 80 } },
  { name: '200 ms', network: { delayMs: 200, jitterMs: 0 } },
  { name: '500 ms', network: { delayMs: 500, jitterMs: 0 } },
  { name: CHEATS, network: { delayMs: 10, jitterMs: 0 }, holdsPongsMs: 1_000 },
]

/** Of the 500 ms, 300 are given back; jitter is measured by the mean. */
const GOAL_GROUPS = ['80 ms', '200 ms']

const TIME_LIMIT_SECONDS = 5

interface Plan {
  readonly players: number
  readonly questions: number
  readonly reaction: number
}

type Played = Awaited<ReturnType<typeof play>>

/** A whole game over these networks; resolves with the points of every player. */
const play = async (
  stack: AnyStack,
  ports: ReadonlyMap<string, number>,
  lagCompensation: LagCompensation,
  { players, questions, reaction }: Plan,
) => {
  const host = await hostOf(stack)
  const sessionId = await createSession(host, questions, {
    lagCompensation,
    timeLimitSeconds: TIME_LIMIT_SECONDS,
    advance: 'auto',
    startDelaySeconds: 2,
    revealSeconds: 1,
    reveal: 'on_close',
    guestSeatsPerAddress: 1_000,
  })
  const guest = createClient({ baseUrl: stack.urls.edge })
  const groupOf = new Map<string, string>()
  const refused: string[] = []
  const sockets: { close(): void }[] = []
  const finished: Promise<void>[] = []
  for (const { name, holdsPongsMs } of GROUPS) {
    for (let n = 1; n <= players; n++) {
      const { playerId, token } = await guest.join(sessionId, { nickname: `Player ${groupOf.size + 1}` })
      groupOf.set(playerId, name)
      const path = `/v1/sessions/${sessionId}/ws`
      const socket = await openWebSocket({ port: ports.get(name) ?? 0, path, token })
      sockets.push(socket)
      const over = Promise.withResolvers<void>()
      finished.push(over.promise)
      let openedAt = Number.NEGATIVE_INFINITY
      socket.onMessage = ({ type, data }) => {
        if (type === 'session.finished') over.resolve()
        if (type === 'error') refused.push(data.code)
        if (type !== 'question.opened') return
        openedAt = Date.now()
        const answer = { answerId: newAnswerId(), questionId: data.questionId, choice: RIGHT_CHOICE }
        // The clocks are one: a phone that knows the server's time shows a question at its opening, or when it has it.
        const shownAt = Math.max(openedAt, data.opensAt)
        setTimeout(
          () => socket.send(JSON.stringify({ type: 'answer', ref: answer.answerId, data: answer })),
          shownAt + reaction - Date.now(),
        )
      }
      if (holdsPongsMs !== undefined) {
        socket.onPing = (pong) => setTimeout(pong, Date.now() - openedAt < 50 ? holdsPongsMs : 0)
      }
    }
  }
  await sleep(1_000) // the first round trips
  await host.control(sessionId, 'start')
  const deadline = (questions * (TIME_LIMIT_SECONDS + 3) + 30) * 1_000
  await Promise.race([Promise.all(finished), sleep(deadline, undefined, { ref: false })])
  const results = await host.results(sessionId)
  for (const socket of sockets) socket.close()
  return {
    sessionId,
    refused,
    answers: sumOf(results.players.map(({ answers }) => answers.length)),
    /** Mean points of a question, by group, with the least and the greatest of its players. */
    points: new Map(
      GROUPS.map(({ name }) => {
        const means = results.players
          .filter(({ playerId }) => groupOf.get(playerId) === name)
          .map(({ score }) => score / questions)
        return [name, { mean: sumOf(means) / means.length, min: Math.min(...means), max: Math.max(...means) }]
      }),
    ),
  }
}

const figuresOf = (setting: LagCompensation, { points }: Played): readonly Figure[] => {
  const nearest = points.get(NEAREST)?.mean ?? Number.NaN
  return [...points].flatMap(([name, { mean, min, max }]): Figure[] => {
    const less = { name: `${setting}: ${name}: points less than at ${NEAREST}`, unit: '%' }
    const isCompared = setting === 'measured'
    return [
      { name: `${setting}: ${name}: points of a question`, unit: '', value: mean, spread: { min, max } },
      ...(name === NEAREST || name === CHEATS
        ? []
        : [
            {
              ...less,
              value: (1 - mean / nearest) * 100,
              ...(isCompared && GOAL_GROUPS.includes(name) && { goal: { direction: 'at most', value: 0.3 } as const }),
            },
          ]),
      ...(name === CHEATS
        ? [
            {
              name: `${setting}: ${name}: points more than without`,
              unit: '%',
              value: (mean / nearest - 1) * 100,
              goal: { direction: 'at most', value: 1 } as const,
            },
          ]
        : []),
    ]
  })
}

export const scenario = defineScenario({
  name: 'fairness',
  summary: 'equally quick players behind slow networks, with and without compensation, and one who delays pongs',
  seconds: 130,
  options: {
    players: { help: 'players of each network', default: '4', quick: '2' },
    questions: { help: 'questions of 5 s', default: '20', quick: '4' },
    reaction: { help: 'milliseconds from a question to its answer', default: '1500' },
  },
  run: async (context) => {
    const { numbers } = context
    const stack = await context.stack()
    const ports = new Map<string, number>()
    for (const { name, network } of GROUPS) {
      const proxy = await startSlowNetwork(Number(new URL(stack.urls.edge).port), network)
      context.defer(proxy.close)
      ports.set(name, proxy.port)
    }
    const figures: Figure[] = []
    const checks: Check[] = []
    for (const setting of ['off', 'measured'] as const) {
      context.progress(`lagCompensation ${setting}: ${numbers.questions} questions`)
      const played = await play(stack, ports, setting, numbers)
      figures.push(...figuresOf(setting, played))
      const expected = GROUPS.length * numbers.players * numbers.questions
      checks.push({
        sentence: `${setting}: ${played.answers} of ${expected} answers are in the results, ${played.refused.length} were refused`,
        holds: played.answers === expected && played.refused.length === 0,
      })
      checks.push(...(await verifyChecks(stack, [played.sessionId], expected)))
    }
    return {
      verdict: judge(checks),
      figures,
      notes: [
        'Delays are one way, each way. The spread is of the players of a group.',
        `Every player answers ${numbers.reaction} ms after the question is shown: at its opening, or when it arrives.`,
      ],
    }
  },
})
