import { performance } from 'node:perf_hooks'
import { personasOf } from '../client/testing/persona.ts'
import { textReport, verifySession } from '../verify/index.ts'
import { hostClient } from './clients.ts'
import type { Display } from './display.ts'
import { createLines } from './display-lines.ts'
import { createScreen } from './display-screen.ts'
import { playGame } from './game.ts'
import { createMeasures } from './measures.ts'
import { type OwnPodium, startPodium } from './podium.ts'
import { type LoadedQuiz, loadQuiz } from './quiz-file.ts'
import type { Settings } from './settings.ts'
import { summaryOf } from './summary.ts'
import { createTally } from './tally.ts'
import { isInteractive } from './terminal.ts'
import { seenWronglyAfter } from './verdict.ts'

export interface DemoDeps {
  readonly env: NodeJS.ProcessEnv
  readonly out: NodeJS.WriteStream
  readonly signal: AbortSignal
}

/** For what is still on its way through the workers when the quiz ends. */
const DRAIN_MS = 10_000
const TO_CLIENTS_MS = 3_000

/** Plays one quiz on a Podium of its own. True when everything agreed. Rejects when it could not be played, or was aborted. */
export const runDemo = async (settings: Settings, { env, out, signal }: DemoDeps): Promise<boolean> => {
  const loaded = loadQuiz(settings.quizPath, settings.questions, settings.seed)
  const display = isInteractive(out, env) ? createScreen(out) : createLines(out)
  const started = performance.now()
  display.say('Starting a Podium of its own …')
  const podium = await startPodium(env, (text) => display.say(`  ${text}`), signal)
  let agreed = false
  try {
    agreed = await playAndVerify(settings, loaded, podium, display, signal)
    return agreed
  } finally {
    display.end()
    const keepLogs = !agreed && !signal.aborted
    await podium.stop(keepLogs)
    if (keepLogs) display.say(`The logs are in ${podium.logFile}`)
    display.say(`Everything is stopped, after ${((performance.now() - started) / 1_000).toFixed(0)} s.`)
  }
}

const playAndVerify = async (
  { players, seed }: Settings,
  { quiz, skipped }: LoadedQuiz,
  { stack }: OwnPodium,
  display: Display,
  signal: AbortSignal,
): Promise<boolean> => {
  if (skipped > 0) display.say(`${skipped} questions of the file cannot be played and are left out.`)
  const measures = createMeasures(() => performance.now())
  const answers = createTally()
  const troubles: string[] = []
  const { host, token } = await hostClient(stack.urls.edge, stack.issuer)
  const personas = personasOf(players, seed)
  const game = await playGame({
    host,
    quiz,
    personas,
    display,
    measures,
    lobby: {
      baseUrl: stack.urls.edge,
      issuer: stack.issuer,
      answers,
      signal,
      onTrouble: (sentence) => troubles.push(sentence),
    },
  })
  try {
    const servers = stack.urlsOf('verify')
    const report = await verifySession({
      sessionId: game.sessionId,
      databaseUrl: servers.postgres,
      redisUrl: servers.redis,
      natsUrl: servers.nats,
      edge: { url: stack.urls.edge, token },
      waitMs: DRAIN_MS,
    })
    const seenWrongly = await seenWronglyAfter(TO_CLIENTS_MS, game, report)
    const { text, agreed } = summaryOf({ report, seenWrongly, troubles, measures, answers, game })
    display.end()
    display.podium(game.top)
    if (!report.equal) display.say(textReport(report))
    display.say(text)
    return agreed
  } finally {
    game.close()
  }
}
