import { parseArgs } from 'node:util'
import { createClient, newAnswerId } from '#client'
import type { Stack } from '../deploy/local/stack.ts'
import { verifySession } from '../services/verify/src/index.ts'
import { percentileHead, percentileLine } from './lib/environment.ts'
import { watchFeeds } from './lib/feed-watch.ts'
import { forEachOf } from './lib/pool.ts'
import { openWebSocket, type RawWebSocket } from './lib/raw-websocket.ts'
import { measureStack } from './lib/stack.ts'

const USAGE = `Usage: node bench/sessions.ts [--sessions 200] [--players 50] [--questions 3] [--seconds 4]

Many sessions at once, advanced by their timers: every player has a WebSocket on one of two edges and answers within two
seconds. Prints how late timers were, how far apart the players of a session got each question, and whether every session
verified.
`

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '200' },
    players: { type: 'string', default: '50' },
    questions: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    help: { type: 'boolean', default: false },
  },
})
const [sessions, players, questions, seconds] = [values.sessions, values.players, values.questions, values.seconds].map(
  Number,
)

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

const quiz = {
  title: 'Timers',
  questions: Array.from({ length: questions ?? 1 }, (_, index) => ({
    kind: 'single_choice' as const,
    prompt: `Question ${index}`,
    options: ['a', 'b', 'c', 'd'],
    correct: index % 4,
  })),
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

const prepare = async (stack: Stack, count: number): Promise<Game> => {
  const host = createClient({ baseUrl: stack.urls.edge, token: await hostToken(stack) })
  const { quizId } = await host.createQuiz(quiz)
  const { sessionId } = await host.createSession({
    quizId,
    settings: {
      access: 'guests',
      timeLimitSeconds: seconds ?? 4,
      startDelaySeconds: 1,
      revealSeconds: 1,
      closeWhenAllAnswered: false,
    },
  })
  const game: Game = { sessionId, sockets: [], openings: new Map(), leads: [], finished: 0, accepted: 0, refused: 0 }
  const { hostname, port } = new URL(stack.urls.edge)
  const guest = createClient({ baseUrl: stack.urls.edge })
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
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

const hostToken = (stack: Stack) => stack.issuer.token({ sub: 'bench', name: 'Bench', roles: ['host'] })

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const run = async (stack: Stack): Promise<boolean> => {
  const games: Game[] = []
  await forEachOf(
    Array.from({ length: sessions ?? 1 }, (_, index) => index),
    4,
    async () => void games.push(await prepare(stack, players ?? 1)),
  )
  say(`${games.length} sessions with ${games.reduce((sum, { sockets }) => sum + sockets.length, 0)} connected players`)
  const feeds = await watchFeeds(stack.urls.nats)
  const host = createClient({ baseUrl: stack.urls.edge, token: await hostToken(stack) })
  await forEachOf(games, 8, async ({ sessionId }) => void (await host.control(sessionId, 'start')))
  const deadline = Date.now() + ((questions ?? 1) * ((seconds ?? 4) + 2) + 30) * 1_000
  const open = () => games.filter(({ finished, sockets }) => finished < sockets.length).length
  while (open() > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 500))
  const unfinished = open()
  let different = 0
  await forEachOf(games, 4, async ({ sessionId }) => {
    const { postgres, redis, nats } = stack.urls
    const report = await verifySession({
      sessionId,
      databaseUrl: postgres,
      redisUrl: redis,
      natsUrl: nats,
      waitMs: 5_000,
    })
    if (report.differences.length > 0) different += 1
  })
  const skews = games.flatMap(({ openings }) =>
    [...openings.values()].map((times) => Math.max(...times) - Math.min(...times)),
  )
  const sum = (pick: (game: Game) => number) => games.reduce((total, game) => total + pick(game), 0)
  say(`${sum((game) => game.accepted)} answers accepted, ${sum((game) => game.refused)} refused`)
  say(`${games.length - unfinished} sessions finished for every player, ${games.length - different} verified equal\n`)
  say(percentileHead)
  say(percentileLine('question opens later than planned', feeds.openLateness()))
  say(percentileLine('question closes later than time limit + grace', feeds.closeLateness()))
  say(percentileLine('first to last player of a session has it', skews))
  const leads = games.flatMap((game) => game.leads)
  const late = leads.filter((lead) => lead < 0).length
  say(
    `\n${leads.length - late} of ${leads.length} times a player had the question before it opened; least ${Math.min(...leads)} ms`,
  )
  for (const socket of games.flatMap(({ sockets }) => sockets)) socket.close()
  await feeds.close()
  return unfinished === 0 && different === 0
}

if (values.help) process.stdout.write(USAGE)
else if ([sessions, players, questions, seconds].some((value) => !(Number.isInteger(value) && (value ?? 0) > 0))) {
  process.stderr.write(USAGE)
  process.exitCode = 2
} else await measureStack(run)
