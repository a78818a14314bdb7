import { jetstreamManager } from '@nats-io/jetstream'
import type { Logger } from '#platform/logger'
import type { NatsConnection } from '#platform/nats'
import { createPublisher, type Publisher } from '#platform/publisher'
import type { Telemetry } from '#platform/telemetry'
import { createAnswerLog } from './answers/answer-log.ts'
import { createCommands, createSessionSource } from './api/commands.ts'
import type { AnswerLog, Commands, FeedLog, Link, SessionSource } from './ports.ts'
import { createFeedLog } from './sessions/feed-log.ts'
import { createNatsLink } from './sessions/nats-link.ts'
import { createSessionNews, type SessionNews } from './streams/session-news.ts'

/** Everything that this service reaches over NATS. */
export interface Bus {
  readonly publisher: Publisher
  readonly link: Link
  readonly feed: FeedLog
  readonly answers: AnswerLog
  readonly commands: Commands
  readonly sessions: SessionSource
  readonly news: SessionNews
}

/** Longest wait for a message to be read back. */
const READ_TIMEOUT_MS = 2_500

export const createBus = async (nats: NatsConnection, logger: Logger, telemetry?: Telemetry): Promise<Bus> => {
  const manager = await jetstreamManager(nats, { checkAPI: false, timeout: READ_TIMEOUT_MS })
  const link = createNatsLink(nats)
  const publisher = createPublisher(nats, telemetry && { telemetry })
  return {
    publisher,
    link,
    feed: createFeedLog({ nats, manager, logger, tracing: telemetry?.tracing }),
    answers: createAnswerLog({ publisher, manager }),
    commands: createCommands({ nats, link, telemetry }),
    sessions: createSessionSource({ nats, telemetry }),
    news: createSessionNews({ nats, logger }),
  }
}
