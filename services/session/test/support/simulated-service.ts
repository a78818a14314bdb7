import { fromBinary } from '@bufbuild/protobuf'
import { type FeedMessage, FeedMessageSchema } from '#gen/feed_pb'
import { ACK, type Delivery, type Verdict } from '#platform/consumer'
import { subjects } from '#platform/contract/subjects'
import { PodiumError } from '#platform/errors'
import type { PublishOutcome } from '#platform/publisher'
import { noTelemetry } from '#platform/telemetry'
import { initialState } from '../../../game/session/decide.ts'
import type { SessionQuestion } from '../../../game/session/prepare-questions.ts'
import { defaultSettings, type Settings } from '../../../game/session/settings.ts'
import { silentLogger } from '../../../platform/test/support/process.ts'
import { createOutbox } from '../../outbox/outbox.ts'
import { parseFile } from '../../quizzes/import/parse-file.ts'
import type { Session } from '../../sessions/session.ts'
import { createTimers } from '../../timers/timers.ts'
import { createUseCases } from '../../use-cases.ts'
import { type Connection, createMemoryDatabase } from './memory-stores.ts'
import { createSimulation, type SimulatedProcess } from './simulation.ts'

const SWEEP_MS = 1_000
/** A consumer that has not settled a message for so long gets it again. */
const ACK_WAIT_MS = 1_500
const logger = silentLogger()
const telemetry = noTelemetry()

const idOf = (kind: number, number: number): string =>
  `00000000-0000-7000-${8_000 + kind}-${String(number).padStart(12, '0')}`
export const SESSION_ID = idOf(1, 1)
export const HOST = { userId: 'host', name: 'host', roles: ['host'] }

/**
 * Copies of the service over stores in memory, with one session. Between them and the stores every request takes a drawn
 * time; timers are redelivered, and a copy may crash at any request.
 */
export const createSimulatedService = async (seed: number, questions: number, settings: Partial<Settings>) => {
  const simulation = createSimulation(seed)
  const { clock } = simulation
  const database = createMemoryDatabase(clock.now)
  /** What the streams hold, each message once by its id. */
  const published = new Map<string, { readonly subject: string; readonly payload: Uint8Array }>()
  /** Answers that an edge has accepted. */
  const accepted: { readonly playerId: string; readonly index: number }[] = []
  const failures: unknown[] = []
  const copies: ReturnType<typeof startCopy>[] = []
  let lastId = 0
  /** The feed stores nothing in between, and neither do the answers' streams when it is whole. */
  const outage = { from: 0, until: 0, isWhole: false }
  let heardEpoch = 0

  const background = (work: Promise<unknown>): void => void work.catch((error: unknown) => failures.push(error))
  const session = (): Session => database.committed(SESSION_ID).session
  const scored = (index: number): number => database.ledger.filter((row) => row.index === index).length

  const startCopy = () => {
    const process: SimulatedProcess = { isAlive: true, onCrash: [] }
    const request = () => simulation.io(process)
    const connection: Connection = { request, onLost: (release) => process.onCrash.push(release) }
    const sessions = database.sessionStore(connection)
    const outbox = createOutbox({
      table: database.outboxTable(connection),
      clock,
      logger,
      telemetry,
      publisher: {
        pending: () => 0,
        publish: async (subject, payload, _span, messageId = ''): Promise<PublishOutcome> => {
          await request()
          const isLost = simulation.draw(2) === 0
          while (clock.now() < outage.until) {
            if (isLost) throw new PodiumError('unavailable')
            await simulation.sleep(outage.until - clock.now(), process)
          }
          if (published.has(messageId)) return { kind: 'duplicate', sequence: 1 }
          published.set(messageId, { subject, payload })
          if (subject === subjects.feed(SESSION_ID)) heardEpoch = fromBinary(FeedMessageSchema, payload).epoch
          if (subject === subjects.timer(SESSION_ID)) deliver({ subject, payload } as Delivery)
          return { kind: 'stored', sequence: published.size }
        },
      },
    })
    const watching = {
      isOn: false,
      isGiving: false,
      give: async (_: string, _from: number): Promise<unknown> => undefined,
    }
    const useCases = createUseCases({
      sessions,
      outbox,
      background,
      clock,
      logger,
      sleep: (ms) => simulation.sleep(ms, process),
      ledger: {
        tally: async (_sessionId, { index }, removed) => {
          await request()
          const counted = database.ledger.filter((row) => row.index === index && !removed.includes(row.playerId))
          return { answerCount: counted.length, optionCounts: [], textCounts: [] }
        },
        results: notSimulated,
        answer: notSimulated,
        answered: notSimulated,
      },
      own: {
        player: notSimulated,
        answers: notSimulated,
        answersTo: notSimulated,
        standings: notSimulated,
        played: notSimulated,
        mistakes: notSimulated,
        writePlaces: notSimulated,
      },
      answerStreams: {
        watch: () => {
          watching.isOn = true
        },
        takes: async () => {
          await request()
          return (clock.now() >= outage.until || !outage.isWhole) && !watching.isGiving
        },
        onOutageOver: (listener) => {
          watching.give = listener
        },
      },
      maxExtensionMs: 30_000,
      pipeline: {
        settled: async (_sessionId, waitMs) => {
          const before = [...accepted]
          for (const end = clock.monotonic() + waitMs; clock.monotonic() < end; await simulation.sleep(5, process)) {
            if (before.every(({ playerId, index }) => database.hasAnswered(SESSION_ID, index, playerId))) return true
          }
          return false
        },
      },
      lobby: { changed: () => undefined },
      takeovers: { announce: () => undefined },
      tokens: {
        issue: async (_sessionId, { playerId, generation }) => `${playerId} ${generation}`,
        issueDisplay: notSimulated,
      },
      joinLimits: {
        check: () => undefined,
        failed: () => undefined,
        session: () => undefined,
        takeGuestSeat: () => true,
        returnGuestSeat: () => undefined,
      },
      mediaHosts: [],
      resultsQueue: (_, read) => read(),
      quotas: { session: notSimulated, quiz: notSimulated },
      isAllowedNickname: () => true,
      ids: {
        id: () => {
          lastId += 1
          return idOf(3, lastId)
        },
        seed: () => 1,
        joinCode: () => 'ABCDEF',
        nameTag: () => String(lastId),
      },
      idempotency: { earlier: notSimulated, once: notSimulated, sweep: notSimulated },
      quizzes: {
        create: notSimulated,
        find: notSimulated,
        replace: notSimulated,
        delete: notSimulated,
        ofHost: notSimulated,
      },
      provider: { fetch: notSimulated },
      parse: parseFile,
    })
    const timers = createTimers({ sessions, onTimer: useCases.onTimer, background, clock, telemetry })
    const sweep = async (): Promise<void> => {
      for (;;) {
        await simulation.sleep(SWEEP_MS, process)
        await timers.sweep()
        // The next one takes what this one could not publish.
        await outbox.sweep().catch((error: unknown) => {
          if (!(error instanceof PodiumError)) throw error
        })
      }
    }
    background(sweep())
    return { process, useCases, sessions, timers, watching }
  }

  /** One of the copies that run. */
  const anyCopy = (): ReturnType<typeof startCopy> => {
    const running = copies.filter(({ process }) => process.isAlive)
    const copy = running[simulation.draw(running.length)]
    if (copy === undefined) throw new Error('no copy runs')
    return copy
  }

  /** Delivers a timer until it is settled, by whichever copy; one in three is delivered once more at some time. */
  const deliver = (delivery: Delivery): void => {
    const attempt = async (): Promise<void> => {
      const lost = simulation.sleep(ACK_WAIT_MS).then((): Verdict => ({ kind: 'retry' }))
      const handled = anyCopy().timers.handle([delivery])
      const verdict = await Promise.race([handled.then(([first = ACK]) => first), lost])
      if (verdict.kind === 'reject') failures.push(new Error(`timer rejected: ${verdict.reason}`))
      if (verdict.kind !== 'retry') return
      simulation.at(clock.now() + (verdict.delayMs ?? 0), () => background(attempt()))
    }
    background(attempt())
    if (simulation.draw(3) === 0) simulation.at(clock.now() + simulation.draw(3_000), () => background(attempt()))
  }

  copies.push(startCopy(), startCopy())
  const sessionQuestions = Array.from({ length: questions }, (_, index): SessionQuestion => {
    const limits = { points: 1_000, timeLimitMs: (settings.timeLimitSeconds ?? 1) * 1_000 }
    return {
      index,
      questionId: idOf(2, index),
      kind: 'single_choice',
      optionOrder: [],
      key: { options: [0] },
      ...limits,
    }
  })
  const created = anyCopy().sessions.create(
    {
      sessionId: SESSION_ID,
      quizId: SESSION_ID,
      quizRevision: 1,
      hostId: HOST.userId,
      title: 'Simulated',
      joinCode: 'ABCDEF',
      settings: { ...defaultSettings, ...settings },
      questionCount: questions,
      playerCount: 0,
      countedAt: 0,
      nextJoinOrder: 1,
      state: initialState(sessionQuestions.map(({ timeLimitMs }) => timeLimitMs)),
      seed: 1,
      questions: sessionQuestions,
      scoringVersion: 1,
      unscored: [],
      textVersion: 1,
      createdAt: clock.now(),
    },
    notSimulated,
  )
  await simulation.run(clock.now() + 100, () => undefined)
  await created

  return {
    simulation,
    failures,
    session,
    anyCopy,
    joinedPlayers: () =>
      [...database.committed(SESSION_ID).players.values()].filter(({ status }) => status === 'joined'),
    hasAnswered: (playerId: string, index: number) => database.hasAnswered(SESSION_ID, index, playerId),
    feed: (): readonly FeedMessage[] =>
      [...published.values()]
        .filter(({ subject }) => subject === subjects.feed(SESSION_ID))
        .map(({ payload }) => fromBinary(FeedMessageSchema, payload)),
    outage,
    /** Epoch of the newest message in the feed. */
    heardEpoch: () => heardEpoch,
    /** Nothing is stored for so long, or only no message of the feed; after the first, watching copies give it back. */
    cutOff: async (ms: number, isWhole: boolean): Promise<void> => {
      Object.assign(outage, { from: clock.now(), until: clock.now() + ms, isWhole })
      if (!isWhole) return
      for (const { watching } of copies) watching.isGiving = true
      await simulation.sleep(ms)
      const give = async ({ watching, process }: (typeof copies)[number]): Promise<void> => {
        await simulation.sleep(simulation.draw(20), process)
        if (watching.isOn) await watching.give(SESSION_ID, outage.from)
        watching.isGiving = false
      }
      await Promise.all(copies.map(give))
    },
    /** A copy dies where it is; another one takes its place. */
    crash: () => {
      simulation.crash(anyCopy().process)
      copies.push(startCopy())
    },
    /** What edge, evaluator and scorer do with an answer; returns false when the edge refuses it. */
    answer: async (playerId: string): Promise<boolean> => {
      const { phase } = session().state
      const now = clock.now()
      if (phase.status !== 'question_open' || now < phase.opensAt || now >= phase.closesAt) return false
      const { index } = phase
      if (accepted.some((answer) => answer.playerId === playerId && answer.index === index)) return false
      accepted.push({ playerId, index })
      await simulation.sleep(1 + simulation.draw(simulation.draw(4) === 0 ? 600 : 20))
      database.ledger.push({ sessionId: SESSION_ID, index, playerId })
      const answerCount = scored(index)
      await simulation.sleep(1 + simulation.draw(10))
      await anyCopy().useCases.onProgress(SESSION_ID, [{ questionIndex: index, answerCount }])
      return true
    },
  }
}

const notSimulated = (): Promise<never> => Promise.reject(new Error('not simulated'))
