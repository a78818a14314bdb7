import { decode as decodeEntities } from 'html-entities'
import type { Clock } from '#platform/clock'
import { consume } from '#platform/consumer'
import { durables, queues, streams } from '#platform/contract/streams'
import type { Lifecycle } from '#platform/lifecycle'
import type { Logger } from '#platform/logger'
import type { NatsConnection } from '#platform/nats'
import type { Pool } from '#platform/pg'
import { createPublisher } from '#platform/publisher'
import { serveCommands } from '#platform/rpc'
import { noTelemetry, type Telemetry } from '#platform/telemetry'
import { createApp } from './app.ts'
import { createBackground, repeat } from './background.ts'
import { createAnswerPipeline } from './closing/answer-pipeline.ts'
import { listenToScores } from './closing/score-listener.ts'
import { commandHandlers } from './commands.ts'
import { createDatabase } from './database.ts'
import { createOutboxTable } from './outbox/outbox-table.ts'
import { createOutbox } from './outbox/relay.ts'
import { createJoinLimits, type JoinPolicies } from './players/join-limits.ts'
import { createLobby, createTakeovers } from './players/lobby.ts'
import { createPlayerTokens } from './players/player-tokens.ts'
import { loadWordFilter } from './players/word-file.ts'
import { createOpenTdb } from './quizzes/import/opentdb-client.ts'
import { createQuizzes } from './quizzes/quiz-store.ts'
import { createLedger } from './results/ledger.ts'
import { chance } from './sessions/id-generator.ts'
import { createSessions } from './sessions/session-store.ts'
import { withTransitionCounts } from './sessions/transition-counts.ts'
import { createTimers } from './timers/timers.ts'

/** Pauses between two looks for what a timer or a publisher has missed. */
const DUE_SWEEP_MS = 1_000
const OUTBOX_SWEEP_MS = 500

/** Connects the use cases with what they use and with what calls them. */
export const startSessionService = async (options: {
  readonly pool: Pool
  readonly nats: NatsConnection
  readonly signingKeyFile: string
  readonly openTdbUrl: string
  readonly joinPolicies: JoinPolicies
  /** '' = every word is fine. */
  readonly nicknameWordsFile: string
  readonly lifecycle: Lifecycle
  readonly logger: Logger
  readonly clock: Clock
  readonly telemetry?: Telemetry
}): Promise<void> => {
  const { pool, nats: nc, lifecycle, logger, clock, telemetry = noTelemetry() } = options
  const database = createDatabase(pool)
  const sessions = withTransitionCounts(createSessions(database), telemetry.metrics)
  const publisher = createPublisher(nc, { telemetry })
  const background = createBackground({ lifecycle, logger })
  const outbox = createOutbox({ table: createOutboxTable(database), publisher, logger, telemetry })
  const app = createApp({
    quizzes: createQuizzes(database),
    sessions,
    ledger: createLedger(database),
    pipeline: await createAnswerPipeline(nc, clock),
    outbox,
    lobby: createLobby({ nc, playerCounts: sessions.playerCounts, background, logger }),
    takeovers: createTakeovers(nc),
    provider: createOpenTdb({ baseUrl: options.openTdbUrl, clock }),
    decodeEntities: (text) => decodeEntities(text),
    tokens: await createPlayerTokens(options.signingKeyFile),
    isAllowedNickname: await loadWordFilter(options.nicknameWordsFile),
    joinLimits: createJoinLimits(options.joinPolicies, clock),
    chance,
    clock,
    logger,
    background,
  })
  const timers = createTimers({ sessions, onTimer: app.onTimer, background, clock, telemetry })
  repeat({ name: 'outbox sweep', pauseMs: OUTBOX_SWEEP_MS, work: outbox.sweep, lifecycle, logger })
  repeat({ name: 'timer sweep', pauseMs: DUE_SWEEP_MS, work: timers.sweep, lifecycle, logger })
  listenToScores({ nc, onScores: app.onScores, background, lifecycle, logger })
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
  serveCommands({ nc, queue: queues.session, handlers: commandHandlers(app, clock), logger, lifecycle, telemetry })
}
