import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createClient } from '#client'
import { type Stack, stackOptionsFromEnv, startStack } from '../../deploy/local/stack.ts'
import { personasOf } from '../client/testing/persona.ts'
import { textReport, verifySession } from '../verify/index.ts'
import { createLines, type Display } from './display.ts'
import { playGame } from './game.ts'
import { joinUrl, qrLines } from './invitation.ts'
import { createMeasures } from './measures.ts'
import { reviewMistakes } from './review.ts'
import { createScreen, isInteractive } from './screen.ts'
import { loadQuiz, type Settings } from './settings.ts'
import { differencesSeen, summaryOf } from './summary.ts'

interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  readonly out: NodeJS.WriteStream
  readonly signal: AbortSignal
}

/** For what is still on its way through the workers when the quiz ends. */
const DRAIN_MS = 10_000
const TO_CLIENTS_MS = 3_000

/** Plays one quiz on a Podium of its own. True when everything agreed. Rejects when it could not be played, or was aborted. */
export const runDemo = async (settings: Settings, { env, out, signal }: Surroundings): Promise<boolean> => {
  const quiz = loadQuiz(settings.quizPath, settings.questions)
  const display = isInteractive(out, env) ? createScreen(out) : createLines(out)
  const started = performance.now()
  display.say('Starting a Podium of its own …')
  const dir = await mkdtemp(join(tmpdir(), 'podium-demo-'))
  const remove = (path: string) => rm(path, { recursive: true, force: true, maxRetries: 5 })
  const { copies, nodes, edgeHost, webPort = 0 } = stackOptionsFromEnv(env)
  const onEvent = (text: string) => display.say(`  ${text}`)
  const options = {
    dir,
    onEvent,
    signal,
    ...(copies !== undefined && { copies }),
    ...(nodes !== undefined && { nodes }),
    ...(settings.web && { edgeHost, webPort }),
    logLevel: 'info',
  } as const
  const stack = await startStack(options).catch(async (error) => {
    await remove(dir)
    throw error
  })
  let agreed = false
  try {
    agreed = await playAndVerify(settings, quiz, stack, display, signal, edgeHost)
    return agreed
  } finally {
    display.end()
    await stack.stop()
    const keepsLogs = !agreed && !signal.aborted
    for (const part of keepsLogs ? ['data', 'keys', 'pids'] : ['']) await remove(join(dir, part))
    if (keepsLogs) display.say(`The logs are in ${join(dir, 'logs', 'podium.log')}`)
    display.say(`Everything is stopped, after ${((performance.now() - started) / 1_000).toFixed(0)} s.`)
  }
}

const invite = (stack: Stack, joinCode: string, edgeHost: string | undefined, display: Display): void => {
  if (stack.webUrl === undefined) throw new Error('WEB=1 needs the pages, and they could not be built (above)')
  const url = joinUrl(stack.webUrl, joinCode, edgeHost)
  for (const line of ['', ...qrLines(url), '', `Play along: ${url}`, '']) display.say(line)
}

const playAndVerify = async (
  settings: Settings,
  quiz: ReturnType<typeof loadQuiz>,
  stack: Stack,
  display: Display,
  signal: AbortSignal,
  edgeHost: string | undefined,
): Promise<boolean> => {
  const { players, seed } = settings
  const { edge: baseUrl } = stack.urls
  const measures = createMeasures(() => performance.now())
  const token = await stack.issuer.token({ sub: 'demo-host', name: 'Demo host', roles: ['host'] })
  const game = await playGame({
    host: createClient({ baseUrl, token }),
    clientOf: async ({ index, nickname }) =>
      createClient({ baseUrl, token: await stack.issuer.token({ sub: `demo-player-${index}`, name: nickname }) }),
    ...(settings.web && { invite: (joinCode: string) => invite(stack, joinCode, edgeHost, display) }),
    quiz,
    personas: personasOf(players, seed),
    display,
    measures,
    signal,
  })
  try {
    const { postgres: databaseUrl, redis: redisUrl, nats: natsUrl } = stack.urlsOf('verify')
    const { sessionId } = game
    const edge = { url: baseUrl, token }
    const report = await verifySession({ sessionId, databaseUrl, redisUrl, natsUrl, edge, waitMs: DRAIN_MS })
    const seen = await differencesSeen(game, report, TO_CLIENTS_MS)
    const review = await reviewMistakes(game, report)
    const differences = [...seen, ...review.differences]
    const { text, agreed } = summaryOf({ report, differences, measures, game })
    display.end()
    display.podium(game.top)
    if (!report.equal) display.say(textReport(report))
    display.say([text, ...review.lines].join('\n'))
    return agreed
  } finally {
    game.close()
  }
}
