import { METRICS } from '#platform/contract/names'
import type { Metrics } from '#platform/telemetry'
import type { StreamCounters } from './client.ts'
import type { FrameEncoder } from './frame.ts'

/** The streams of one protocol, and what was sent on them. */
export interface Transport {
  readonly counters: StreamCounters
  readonly encoder: FrameEncoder
}

/** What the streams have counted for themselves, for whoever reads the metrics. */
export const observeStreams = (
  metrics: Metrics,
  transports: { readonly sse: Transport; readonly ws: Transport },
): void => {
  const all = Object.values(transports).map(({ counters }) => counters)
  const sum = (key: 'paused' | 'deliveries' | 'stalls' | 'conflated') => () =>
    all.reduce((total, counters) => total + counters[key], 0)
  metrics.observe(METRICS.streamsPaused, sum('paused'))
  metrics.observe(METRICS.deliveries, sum('deliveries'))
  metrics.observe(METRICS.stalls, sum('stalls'))
  metrics.observe(METRICS.framesReplaced, sum('conflated'))
  for (const [transport, { counters, encoder }] of Object.entries(transports)) {
    metrics.observe(METRICS.connections, () => counters.open, transport)
    metrics.observe(METRICS.streamsOpened, () => counters.opened, transport)
    metrics.observe(METRICS.framesEncoded, () => encoder.encodings(), transport)
    for (const reason of Object.keys(counters.closed) as (keyof StreamCounters['closed'])[]) {
      metrics.observe(METRICS.streamsClosed, () => counters.closed[reason], transport, reason)
    }
  }
}
