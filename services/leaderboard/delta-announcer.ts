import { encodeBoardDelta } from '#platform/contract/codec/board'
import { subjects } from '#platform/contract/subjects'
import type { NatsConnection } from '#platform/nats'
import { publishTraced } from '#platform/telemetry/messages'
import { type Announcer, NO_ORIGIN } from './ports.ts'
import { toTotals } from './totals-message.ts'

/** Board deltas over core NATS: nobody keeps them, and whoever misses one notices by the versions. */
export const createDeltaAnnouncer = (nc: NatsConnection): Announcer => ({
  announce: (sessionId, { epoch, from, to, changed }, { firstReceivedAtMs, span } = NO_ORIGIN) => {
    const delta = encodeBoardDelta({
      $typeName: 'podium.v1.BoardDelta',
      sessionId,
      epoch,
      from,
      to,
      entries: changed.map(toTotals),
      firstReceivedAtMs: changed.length > 0 ? firstReceivedAtMs : 0,
    })
    publishTraced(nc, subjects.board(sessionId), delta, span)
  },
})
