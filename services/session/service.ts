import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '#platform/clock'
import { consume } from '#platform/consumer'
import { durables, queues, streams } from '#platform/contract/streams'
import { createFairQueue } from '#platform/fair-queue'
import type { Lifecycle } from '#platform/lifecycle'
import type { Logger } from '#platform/logger'
import type { NatsConnection } from '#platform/nats'
import type { Pool } from '#platform/pg'
import { createPublisher } from '#platform/publisher'
import { serveCommands } from '#platform/rpc'
import { noTelemetry, type Telemetry } from '#platform/telemetry'
import type { TokenVerifier } from '#platform/tokens/token-verifier'
import type { WordFilter } from '../game/word-filter.ts'
import { createBackground, repeat } from './background.ts'
import { createAnswerPipeline } from './closing/answer-pipeline.ts'
import { listenToProgress } from './closing/answer-progress.ts'
import { createAnswerStreams } from './closing/answer-streams.ts'
import { commandHandlers } from './commands.ts'
import { createDatabase } from './database.ts'
import { createIdempotency } from './idempotency.ts'
import { createOutbox, createOutboxTable } from './outbox/outbox.ts'
import { createPersonStore } from './players/erase-person.ts'
import { createJoinLimits, type JoinPolicies } from './players/join-limits.ts'
import { createLobby, createTakeovers } from './players/lobby.ts'
import { createPlayerTokens } from './players/player-tokens.ts'
import { createOpenTdb } from './quizzes/import/opentdb-client.ts'
import { createParseInWorker } from './quizzes/import/parse-in-worker.ts'
import { createQuizStore } from './quizzes/quiz-store.ts'
import { createQuotas, type QuotaLimits } from './quotas.ts'
import { createLedger } from './results/ledger.ts'
import { createOwnResultsStore } from './results/own-results-store.ts'
import { idGenerator } from './sessions/id-generator.ts'
import { createSessionStore } from './sessions/session-store.ts'
import { createTimers } from './timers/timers.ts'
import { createUseCases } from './use-cases.ts'

/** Pauses between two looks for what a timer or a publisher has missed. */
const DUE_SWEEP_MS = 1_000
const OUTBOX_SWEEP_MS = 500
const IDEMPOTENCY_SWEEP_MS = 60_000
const PARTITION_SWEEP_MS = 3_600_000
const ERASURE_SWEEP_MS = 600_000
const DAY_MS = 24 * 3_600_000

/** A stream that stores nothing for so long has an outage, in which questions stay open. */
const STREAM_TIMEOUT_MS = 1_000

/** Pages of results read at once, which take time that joins and timers need; those of a host that wait. */
const RESULTS_QUEUE = { atOnce: 2, maxWaiting: 30 }

/** Connects the use cases with Postgres, NATS and what calls them. */
export const startSessionService = async (options: {
  readonly pool: Pool
  /** Results are read through it: what is expensive never has the connections of joins and timers. */
  readonly resultsPool: Pool
  readonly nats: NatsConnection
  readonly tokens: TokenVerifier
  readonly signingKeyFile: string
  readonly openTdbUrl: string
  readonly answerPartitions: number
  readonly joinPolicies: JoinPolicies
  /** By which outages may move the end of a question at the most. */
  readonly maxExtensionMs: number
  /** How long names and typed answers are kept after the end of a session. */
  readonly personalDataDays: number
  readonly quotas: QuotaLimits
  readonly mediaHosts: readonly string[]
  readonly isAllowedNickname: WordFilter
  readonly lifecycle: Lifecycle
  readonly logger: Logger
  readonly clock: Clock
  readonly telemetry?: Telemetry
}): Promise<void> => {
  const { pool, resultsPool, nats: nc, lifecycle, logger, clock, telemetry = noTelemetry() } = options
  const database = createDatabase(pool)
  const resultsDatabase = createDatabase(resultsPool)
  const sessions = createSessionStore(database, telemetry.metrics)
  const publisher = createPublisher(nc, { telemetry })
  const background = createBackground({ lifecycle, logger })
  const outbox = createOutbox({ table: createOutboxTable(database), publisher, clock, logger, telemetry })
  const idempotency = createIdempotency(database)
  const ledger = createLedger(database, resultsDatabase)
  const useCases = createUseCases({
    quizzes: createQuizStore(database),
    idempotency,
    resultsQueue: createFairQueue(RESULTS_QUEUE),
    quotas: createQuotas(database, options.quotas),
    sessions,
    ledger,
    answerStreams: createAnswerStreams({
      publisher: createPublisher(nc, { telemetry, timeoutMs: STREAM_TIMEOUT_MS }),
      ...{ partitions: options.answerPartitions, clock, logger },
    }),
    maxExtensionMs: options.maxExtensionMs,
    pipeline: await createAnswerPipeline({ nc, publisher, partitions: options.answerPartitions, clock }),
    own: createOwnResultsStore(resultsDatabase),
    outbox,
    lobby: createLobby({ nc, playerCounts: sessions.playerCounts, background, logger }),
    takeovers: createTakeovers(nc),
    provider: createOpenTdb({ baseUrl: options.openTdbUrl, clock }),
    mediaHosts: options.mediaHosts,
    parse: createParseInWorker({ mediaHosts: options.mediaHosts }),
    tokens: await createPlayerTokens(options.signingKeyFile),
    isAllowedNickname: options.isAllowedNickname,
    joinLimits: createJoinLimits(options.joinPolicies, clock),
    ids: idGenerator,
    clock,
    sleep,
    logger,
    background,
  })
  const timers = createTimers({ sessions, onTimer: useCases.onTimer, background, clock, telemetry })
  repeat({ name: 'outbox sweep', pauseMs: OUTBOX_SWEEP_MS, work: outbox.sweep, lifecycle, logger })
  repeat({ name: 'timer sweep', pauseMs: DUE_SWEEP_MS, work: timers.sweep, lifecycle, logger })
  repeat({ name: 'idempotency sweep', pauseMs: IDEMPOTENCY_SWEEP_MS, work: idempotency.sweep, lifecycle, logger })
  const persons = createPersonStore(database)
  const eraseOld = () => persons.eraseBefore(new Date(clock.now() - options.personalDataDays * DAY_MS))
  repeat({ name: 'erasure sweep', pauseMs: ERASURE_SWEEP_MS, work: eraseOld, lifecycle, logger })
  repeat({ name: 'ledger partitions', pauseMs: PARTITION_SWEEP_MS, work: ledger.prepareMonths, lifecycle, logger })
  listenToProgress({ nc, onProgress: useCases.onProgress, background, lifecycle, logger })
  consume({
    nc,
    publisher,
    lifecycle,
    logger,
    stream: streams.timers,
    telemetry,
    durable: durables.timers,
    handle: timers.handle,
  })
  const handlers = commandHandlers(useCases, clock)
  serveCommands({ nc, queue: queues.session, handlers, tokens: options.tokens, logger, lifecycle, telemetry })
}
