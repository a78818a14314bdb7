import type { PhoneOrder, PhonesOrder, PhonesReport } from '../generators/phones.ts'
import { RIGHT_CHOICE } from '../lib/crowd.ts'
import { type Child, type CpuTimes, cpuBetween } from '../lib/processes.ts'
import type { Check, ScenarioContext } from '../lib/scenario.ts'
import { createLatencies, type Latencies, monotonicMs, sumOf } from '../lib/statistics.ts'
import type { FeedName } from './feeds.ts'

/** Players of a session. */
export const SESSION_PLAYERS = 100
export const QUESTION_SECONDS = 10
/** All players answer within this time of the opening. */
export const ANSWER_WITHIN_MS = 8_000
/** Between the close of a question and the opening of the next one. */
export const REVEAL_SECONDS = 1
/** Sessions are spread over it: from one opening to the next. */
export const CYCLE_MS = (QUESTION_SECONDS + REVEAL_SECONDS) * 1_000

export interface Opening {
  /** Place of the session in its game. */
  readonly session: number
  readonly questionId: string
  /** `monotonicMs`. */
  readonly at: number
}

/** So many sessions whose questions follow each other. */
export interface Game {
  readonly phones: readonly PhoneOrder[]
  readonly questions: number
  /** Resolves when the last question of every session is closed. */
  play(onOpen: (opening: Opening) => void): Promise<void>
  check(accepted: number): Promise<readonly Check[]>
}

/** A system under test that can play games of any size, one after the other. */
export interface GameSystem {
  readonly name: string
  readonly port: number
  readonly feed: FeedName
  prepare(sessions: number, questions: number): Promise<Game>
  cpu(): CpuTimes
}

/** What one game showed, with as many players as its phones. */
export interface Probe {
  readonly players: number
  readonly accepted: Latencies
  readonly own: Latencies
  readonly visible: Latencies
  readonly lag: Latencies
  readonly checks: readonly Check[]
  /** Shares of a core while all sessions played. */
  readonly cores: CpuTimes
  readonly generatorCores: number
  /** Answers while all sessions played. */
  readonly answers: number
  readonly seconds: number
  readonly framesPerSecond: number
  /** Of one phone, everything of a question included. */
  readonly bytesPerQuestion: number
  readonly standstillMs: number
}

/** After the last close, for what is still on its way. */
const SETTLE_MS = 2_000
const CONNECT_MS = 180_000
/** Of sessions whose boards are read and timed; the others are only counted. */
const WATCHED_SESSIONS = 20

const merged = (reports: readonly PhonesReport[], what: keyof PhonesReport['latencies']): Latencies => {
  const all = createLatencies()
  for (const { latencies } of reports) all.merge(latencies[what])
  return all
}

/** Asks all processes of the generator at once. */
export const askAll = <T>(
  generators: readonly Child[],
  order: PhonesOrder,
  timeoutMs?: number,
): Promise<readonly T[]> => Promise.all(generators.map((child) => child.ask<T>(order, timeoutMs)))

/** Connects the phones of a game: whole sessions to each process of the generator. */
export const connectPhones = async (
  generators: readonly Child[],
  { port, feed }: Pick<GameSystem, 'port' | 'feed'>,
  { phones }: Pick<Game, 'phones'>,
): Promise<void> => {
  const sessions = new Set(phones.map(({ session }) => session)).size
  const step = Math.max(1, Math.floor(sessions / WATCHED_SESSIONS))
  const watched = Array.from({ length: Math.ceil(sessions / step) }, (_, index) => index * step)
  await Promise.all(
    generators.map((child, index) => {
      const own = phones.filter(({ session }) => session % generators.length === index)
      return child.ask({ kind: 'connect', port, feed, phones: own, watched } satisfies PhonesOrder, CONNECT_MS)
    }),
  )
}

/** Has the players of a session answer the question that opens. */
export const answerOpening = (generators: readonly Child[], { session, questionId, at }: Opening): void => {
  const order: PhonesOrder = {
    kind: 'open',
    session,
    questionId,
    choice: RIGHT_CHOICE,
    at,
    withinMs: ANSWER_WITHIN_MS,
  }
  generators[session % generators.length]?.tell(order)
}

/** When all sessions play: from the first opening of the last one to the last close of the first one. */
const fullLoad = (sessions: number, questions: number, cpu: () => CpuTimes) => {
  const opened = new Map<number, number>()
  let [from, to] = [Number.NaN, Number.NaN]
  let [before, after]: [CpuTimes, CpuTimes] = [{}, {}]
  return {
    opened: ({ session, at }: Opening): void => {
      const count = (opened.get(session) ?? 0) + 1
      opened.set(session, count)
      if (Number.isNaN(from) && opened.size === sessions) {
        from = at
        before = cpu()
      }
      if (Number.isNaN(to) && count === questions) {
        // The last question of the first session has opened: from its close on there are fewer.
        to = at + ANSWER_WITHIN_MS
        setTimeout(
          () => {
            after = cpu()
          },
          Math.max(0, to - monotonicMs()),
        )
      }
    },
    result: () => ({ from, to, seconds: (to - from) / 1_000, used: cpuBetween(before, after) }),
  }
}

/** Plays one game of so many sessions and says what came of it. */
export const probe = async (
  context: Pick<ScenarioContext, 'progress'>,
  generators: readonly Child[],
  system: GameSystem,
  { sessions, questions }: { readonly sessions: number; readonly questions: number },
): Promise<Probe> => {
  const game = await system.prepare(sessions, questions)
  await connectPhones(generators, system, game)
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
  await askAll(generators, { kind: 'begin' })
  const began = monotonicMs()
  const load = fullLoad(sessions, questions, system.cpu)
  await game.play((opening) => {
    answerOpening(generators, opening)
    load.opened(opening)
  })
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
  const { from, to, seconds, used } = load.result()
  const tookSeconds = (monotonicMs() - began) / 1_000
  const order: PhonesOrder = { kind: 'report', from, to, until: Number.POSITIVE_INFINITY }
  const reports = await askAll<PhonesReport>(generators, order)
  await askAll(generators, { kind: 'close' })
  const sum = (pick: (report: PhonesReport) => number): number => sumOf(reports.map(pick))
  const [sent, accepted, scored] = [sum((each) => each.sent), sum((each) => each.accepted), sum((each) => each.scored)]
  const expected = game.phones.length * questions
  const refused = reports.flatMap((each) => Object.entries(each.refused).map(([why, count]) => `${count} × ${why}`))
  const closed = sum((each) => each.closed)
  const backwards = sum((each) => each.backwards)
  const checks: Check[] = [
    {
      sentence:
        `${system.name}: ${sent} of ${expected} answers sent, ${accepted} accepted ${refused.join(', ')}`.trim(),
      holds: sent === expected && accepted === sent,
    },
    { sentence: `${system.name}: ${scored} of ${accepted} scores were told`, holds: scored === accepted },
    {
      sentence: `${system.name}: no board went back (${backwards}), no client was closed (${closed})`,
      holds: backwards + closed === 0,
    },
    ...(await game.check(accepted)),
  ]
  const acceptedLatencies = merged(reports, 'accepted')
  const result: Probe = {
    players: game.phones.length,
    accepted: acceptedLatencies,
    own: merged(reports, 'own'),
    visible: merged(reports, 'visible'),
    lag: merged(reports, 'lag'),
    checks,
    cores: Object.fromEntries(Object.entries(used).map(([name, micros]) => [name, micros / (seconds * 1e6)])),
    generatorCores: sum((each) => each.cpuMicros) / (tookSeconds * 1e6),
    answers: acceptedLatencies.count,
    seconds,
    framesPerSecond: sum((each) => each.frames) / tookSeconds,
    bytesPerQuestion: sum((each) => each.bytes) / expected,
    standstillMs: Math.max(...reports.map((each) => each.standstillMs)),
  }
  context.progress(lineOf(system.name, result))
  return result
}

const lineOf = (name: string, result: Probe): string => {
  const p = (what: 'accepted' | 'visible' | 'lag') => result[what].percentile(99).toFixed(1)
  const cores = Object.entries(result.cores).map(([part, share]) => `${part} ${Math.round(share * 100)}`)
  const failed = result.checks.filter(({ holds }) => !holds).map(({ sentence }) => `; NOT ${sentence}`)
  return (
    `${name}: ${result.players} players: p99 accepted ${p('accepted')} visible ${p('visible')} ms, generator late by ${p('lag')} ms, ` +
    `${Math.round(result.answers / result.seconds)} answers/s, ${Math.round(result.framesPerSecond)} frames/s, ` +
    `${Math.round(result.bytesPerQuestion)} B a phone and question, standstill ${Math.round(result.standstillMs)} ms, ` +
    `% of a core: ${cores.join(', ')}, generator ${Math.round(result.generatorCores * 100)}${failed.join('')}`
  )
}
