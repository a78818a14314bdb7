import type { FeedMessage } from '#gen/feed_pb'
import type { Clock } from '#platform/clock'
import { METRICS } from '#platform/contract/names'
import type { Metrics } from '#platform/telemetry'
import type { SessionReplica } from '../ports.ts'

/** How well this edge keeps up with the feeds of its sessions. */
export interface FeedWatch {
  gap(): void
  /** A message was heard when it was made, and applied. */
  heard(replica: SessionReplica, message: FeedMessage): void
}

export const createFeedWatch = (metrics: Metrics, clock: Clock): FeedWatch => {
  const gaps = metrics.counter(METRICS.feedGaps)
  const delay = metrics.histogram(METRICS.feedDelay)
  const skew = metrics.histogram(METRICS.openingSkew)
  return {
    gap: () => gaps.add(),
    heard: ({ state, opensAtMonotonic }, { atMs, event }) => {
      const now = clock.now()
      delay.record(Math.max(0, now - atMs) / 1_000)
      const opens = event?.event.case === 'questionOpened' || event?.event.case === 'sessionResumed'
      if (!opens || opensAtMonotonic === undefined || state.question === undefined) return
      const opensAtMs = now + opensAtMonotonic - clock.monotonic()
      skew.record(Math.abs(opensAtMs - state.question.opensAtMs) / 1_000)
    },
  }
}
