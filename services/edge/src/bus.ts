import { jetstreamManager } from '@nats-io/jetstream'
import type { Logger } from '#lib/logger'
import type { NatsConnection } from '#lib/nats'
import { createPublisher, type Publisher } from '#lib/publisher'
import type { Telemetry } from '#lib/telemetry'
import { createAnswerLog } from './adapters/answer-log.ts'
import { createCommands, createSessionSource } from './adapters/commands.ts'
import { createFeedLog } from './adapters/feed-log.ts'
import { createNatsLink } from './adapters/nats-link.ts'
import { createSessionNews } from './adapters/stream-news.ts'
import type { AnswerLog, Commands, FeedLog, Link, SessionSource } from './app/ports.ts'
import type { SessionNews } from './app/stream-ports.ts'

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
