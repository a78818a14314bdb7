import { METRICS } from '#platform/contract/names'
import { failpoint } from '#platform/failpoint'
import type { Logger } from '#platform/logger'
import type { Publisher } from '#platform/publisher'
import type { Telemetry } from '#platform/telemetry'
import type { Outbox } from '../ports.ts'
import type { OutboxRow, OutboxTable } from './outbox-table.ts'

export interface OutboxDeps {
  readonly table: OutboxTable
  readonly publisher: Publisher
  readonly logger: Logger
  readonly telemetry: Telemetry
}

const PAGE = 100
/** Messages that wait for longer than this are taken over: whoever committed them has died or could not publish. */
const STALE_MS = 1_000
const STALE_SESSIONS = 200

/**
 * Publishes committed messages of a session in the order of their ids. Each is published only when all before it are
 * stored, and is deleted only then, so the first copy of every message reaches the stream in order whoever publishes, and
 * however often: repetitions are dropped by their message id. No lock is held while the stream is asked, so a process that
 * stands still stops nobody.
 */
export const createOutbox = ({
  table,
  publisher,
  logger,
  telemetry,
}: OutboxDeps): Outbox & {
  /** Publishes what others have left behind. */
  readonly sweep: () => Promise<void>
} => {
  const takenOver = telemetry.metrics.counter(METRICS.outboxTakenOver)

  const publish = async (sessionId: string, rows: readonly OutboxRow[]): Promise<void> => {
    const published: number[] = []
    try {
      for (const { id, subject, payload } of rows) {
        await publisher.publish(subject, payload, undefined, `outbox-${sessionId}-${id}`)
        published.push(id)
      }
      failpoint('session.after-publish')
    } finally {
      if (published.length > 0) await table.delete(published)
    }
  }

  const drain = async (sessionId: string): Promise<void> => {
    for (;;) {
      const rows = await table.waiting(sessionId, PAGE)
      if (rows.length > 0) await publish(sessionId, rows)
      if (rows.length < PAGE) return
    }
  }

  /** One drain of a session at a time; whoever comes meanwhile shares the next one, which sees their messages. */
  const running = new Map<string, { readonly now: Promise<void>; next?: Promise<void> }>()
  const drainOnce = (sessionId: string): Promise<void> => {
    const busy = running.get(sessionId)
    if (busy !== undefined) {
      busy.next ??= busy.now.catch(() => undefined).then(() => drainOnce(sessionId))
      return busy.next
    }
    const now = drain(sessionId).finally(() => running.delete(sessionId))
    running.set(sessionId, { now })
    return now
  }

  return {
    flush: (sessionId) =>
      drainOnce(sessionId).catch((err: unknown) => {
        logger.warn({ err, sessionId }, 'messages not published yet')
      }),

    sweep: async () => {
      for (const sessionId of await table.staleSessions(STALE_MS, STALE_SESSIONS)) {
        await drainOnce(sessionId)
        takenOver.add()
        logger.info({ sessionId }, 'published messages that were left behind')
      }
    },
  }
}
