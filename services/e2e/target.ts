import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Stack, type StackOptions, startStack } from '../../deploy/local/stack.ts'
import { createHttp, type Exchange, type Http } from '../platform/test/support/http.ts'
import { verifySession } from '../verify/index.ts'

/** A whole Podium to be attacked, with what an attacker may have: tokens, and games to play. */
export interface Target {
  readonly stack: Stack
  readonly port: number
  readonly http: Http
  /** A user token; the same name is the same user. */
  token(name: string, roles?: readonly string[]): Promise<string>
  /** A session of a new quiz by a host of its own, in its lobby. */
  game(options?: GameOptions): Promise<TargetGame>
  /** Log lines that no client's mistake may cause: errors, and stack traces of any level in an edge. */
  complaints(): readonly string[]
  /** What ledger, totals, board and the stream of answers of a session disagree in. */
  differences(sessionId: string): Promise<readonly unknown[]>
  stop(): Promise<void>
}

export interface GameOptions {
  readonly settings?: Record<string, unknown>
  readonly questions?: readonly object[]
}

export interface TargetGame {
  readonly sessionId: string
  readonly joinCode: string
  readonly quizId: string
  readonly hostToken: string
  join(name?: string): Promise<{ readonly playerId: string; readonly token: string }>
  control(command: string): Promise<Exchange>
  /** Starts it, and resolves when the first question takes answers. */
  start(): Promise<{ readonly questionId: string; readonly closesAt: number }>
  /** The state as the host sees it. */
  state(): Promise<Exchange['body']>
  answer(token: string | undefined, body: object): Promise<Exchange>
}

const QUESTIONS = [
  { kind: 'single_choice', prompt: 'Which?', options: ['a', 'b', 'c', 'd'], correct: 0 },
  { kind: 'true_false', prompt: 'Is it?', correct: true },
  { kind: 'fill_blank', prompt: 'I ___', correct: ['am'] },
]

/** Nothing happens by itself. */
const SETTINGS = {
  startDelaySeconds: 0,
  revealSeconds: 0,
  advance: 'manual',
  closeWhenAllAnswered: false,
  timeLimitSeconds: 600,
  reveal: 'immediate',
}

/** pino's level of errors. */
const ERROR = 50

/** Servers have logs of their own kind. */
const SERVICE = /^(session|evaluator|scorer|leaderboard|edge)\.\d+ \| (.*)$/s

/** About bad messages on the bus, which only services can send. */
const NOT_CLIENTS = new Set(['dead letter', 'message not understood'])

const isComplaint = (line: string): boolean => {
  const [, service, text] = SERVICE.exec(line) ?? []
  if (text === undefined) return false
  try {
    const { level, msg, err } = JSON.parse(text) as { level?: number; msg?: string; err?: { stack?: string } }
    const isTraced = service === 'edge' && err?.stack !== undefined
    return !NOT_CLIENTS.has(msg ?? '') && (Number(level) >= ERROR || isTraced)
  } catch {
    return true // services log JSON; anything else is Node's own output when it crashes
  }
}

const need = (exchange: Exchange, status: number): Exchange => {
  if (exchange.status === status) return exchange
  throw new Error(`${status} expected, got ${exchange.status} ${JSON.stringify(exchange.body)}`)
}

const createGame = async (
  http: Http,
  token: Target['token'],
  { settings = {}, questions = QUESTIONS }: GameOptions,
): Promise<TargetGame> => {
  const hostToken = await token(`Host ${randomUUID()}`, ['host'])
  const quiz = need(await http('POST', '/v1/quizzes', { token: hostToken, body: { title: 'Quiz', questions } }), 201)
  const { quizId } = quiz.body
  const body = { quizId, settings: { ...SETTINGS, ...settings } }
  const { sessionId, joinCode } = need(await http('POST', '/v1/sessions', { token: hostToken, body }), 201).body
  const path = `/v1/sessions/${sessionId}`
  const game: TargetGame = {
    sessionId,
    joinCode,
    quizId,
    hostToken,
    join: async (name = `P${randomUUID().slice(0, 8)}`) =>
      need(await http('POST', `${path}/join`, { token: await token(name) }), 200).body,
    control: (command) => http('POST', `${path}/${command}`, { token: hostToken }),
    state: async () => need(await http('GET', path, { token: hostToken }), 200).body,
    start: async () => {
      need(await game.control('start'), 200)
      for (;;) {
        const { question } = await game.state()
        if (question === undefined) await sleep(20)
        else {
          await sleep(Math.max(0, question.opensAt - Date.now()) + 20)
          return question
        }
      }
    },
    answer: (token, answer) => http('POST', `${path}/answers`, { token, body: { answerId: randomUUID(), ...answer } }),
  }
  return game
}

export const startTarget = async (options: Partial<StackOptions> = {}): Promise<Target> => {
  const dir = await mkdtemp(join(tmpdir(), 'podium-target-'))
  const complaints: string[] = []
  const stack = await startStack({
    dir,
    logLevel: 'info',
    readyTimeoutMs: 60_000,
    onLine: (line) => {
      if (isComplaint(line)) complaints.push(line)
    },
    ...options,
  }).catch(async (cause) => {
    await rm(dir, { recursive: true, force: true })
    throw cause
  })
  const http = createHttp(stack.urls.edge)
  const token = (name: string, roles: readonly string[] = []) =>
    stack.issuer.token({ sub: `user-${name.toLowerCase()}`, name: name.slice(0, 24), roles })
  return {
    stack,
    port: Number(new URL(stack.urls.edge).port),
    http,
    token,
    game: (game = {}) => createGame(http, token, game),
    complaints: () => complaints,
    differences: async (sessionId) => {
      const { postgres, redis, nats } = stack.urlsOf('verify')
      return (await verifySession({ sessionId, databaseUrl: postgres, redisUrl: redis, natsUrl: nats })).differences
    },
    stop: async () => {
      await stack.stop()
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
