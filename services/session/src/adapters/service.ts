import { decode as decodeEntities } from 'html-entities'
import type { Clock } from '#lib/clock'
import { consume } from '#lib/consumer'
import { durables, queues, streams } from '#lib/contract/streams'
import type { Lifecycle } from '#lib/lifecycle'
import type { Logger } from '#lib/logger'
import type { NatsConnection } from '#lib/nats'
import type { Pool } from '#lib/pg'
import { createPublisher } from '#lib/publisher'
import { serveCommands } from '#lib/rpc'
import { noTelemetry, type Telemetry } from '#lib/telemetry'
import { createApp } from '../app/app.ts'
import { createJoinLimits, type JoinPolicies } from '../app/join-limits.ts'
import { createAnswerPipeline } from './answer-pipeline.ts'
import { createBackground, repeat } from './background.ts'
import { chance } from './chance.ts'
import { commandHandlers } from './commands.ts'
import { createLobby, createTakeovers } from './lobby.ts'
import { createOpenTdb } from './opentdb/opentdb.ts'
import { createOutbox } from './outbox.ts'
import { createPlayerTokens } from './player-tokens.ts'
import { createDatabase } from './postgres/database.ts'
import { createLedger } from './postgres/ledger.ts'
import { createOutboxTable } from './postgres/outbox.ts'
import { createQuizzes } from './postgres/quizzes.ts'
import { createSessions } from './postgres/sessions.ts'
import { listenToScores } from './score-listener.ts'
import { createTimers } from './timers.ts'
import { withTransitionCounts } from './transition-counts.ts'
import { loadWordFilter } from './word-file.ts'

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
