import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CreateQuizRequest, ImportQuizRequest } from '#client'

export const USAGE = `Usage: make demo [PLAYERS=100] [QUESTIONS=10] [QUIZ=file] [SEED=text]

Starts a Podium of its own, plays a quiz with simulated players over WebSocket and Server-Sent Events, shows the live
leaderboard, measures how long an answer takes to another player's screen, verifies the result, and stops everything.
Players join late, leave, come back on another device, are removed; the host pauses in the middle of a question.

  PLAYERS    1 to 2000 (default 100); from 7 on all of the above happens
  QUESTIONS  1 to 100, the first so many of the quiz (default 10)
  QUIZ       JSON file: the body of POST /v1/quizzes, or a response of the Open Trivia Database
             (default: services/demo/quizzes/english.json, A2 to B2, all kinds of questions)
  SEED       makes a run repeatable: names, knowledge, choices and thinking times (default: 1)
  NO_COLOR   plain lines, as when the output is no terminal
  WEB=1      people play too: prints the address of the pages and a QR code, and waits half a minute for them to join
             (EDGE_HOST=0.0.0.0 for phones in the same network)
  EDGES, SESSIONS, EVALUATORS, SCORERS, LEADERBOARDS   copies of each service (default 1)
  TMPDIR     where servers keep their data while it runs; the logs stay there if something disagrees

Without make: node services/demo/main.ts, with the same variables.

Exit code: 0 everything agrees, 1 something differs or failed, 2 unusable arguments, 130 interrupted.
`

export interface Settings {
  readonly players: number
  readonly questions: number
  readonly quizPath: string
  readonly seed: string
  /** People may join, on the pages. */
  readonly web?: true
}

/** Thrown with a sentence for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const bundledQuiz = fileURLToPath(new URL('./quizzes/english.json', import.meta.url))

export const readSettings = (args: readonly string[], env: NodeJS.ProcessEnv): Settings => {
  if (args.length > 0) throw new UsageError(`The demo takes no arguments; "${args[0]}" is one.`)
  const whole = (name: string, most: number, fallback: number): number => {
    const text = env[name] || String(fallback)
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= 1 && value <= most) return value
    throw new UsageError(`${name}=${text} must be a whole number from 1 to ${most}.`)
  }
  return {
    players: whole('PLAYERS', 2_000, 100),
    questions: whole('QUESTIONS', 100, 10),
    quizPath: env.QUIZ || bundledQuiz,
    seed: env.SEED || '1',
    ...(env.WEB && env.WEB !== '0' && { web: true }),
  }
}

/** The first `count` questions of a quiz in our own form, or of a response of the Open Trivia Database. @throws UsageError */
export const loadQuiz = (
  path: string,
  count: number,
): CreateQuizRequest | Extract<ImportQuizRequest, { content: string }> => {
  const document = parse(path) as Partial<CreateQuizRequest & { results: unknown[] }> | null
  if (Array.isArray(document?.results)) {
    const content = JSON.stringify({ ...document, results: document.results.slice(0, count) })
    return { format: 'opentdb', title: basename(path), content }
  }
  if (typeof document?.title === 'string' && Array.isArray(document.questions)) {
    return { title: document.title, questions: document.questions.slice(0, count) }
  }
  throw new UsageError(`${path} is neither {title, questions} nor a response of the Open Trivia Database`)
}

const parse = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new UsageError(`${path} cannot be read: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}
