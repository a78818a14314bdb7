import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock as clock } from '#platform/clock'
import { runService } from '#platform/service'
import { startEdge } from './compose.ts'
import { edgeSpec } from './config.ts'

await runService('edge', edgeSpec, async ({ config, logger, lifecycle, nats, telemetry }) => {
  const { isReady } = lifecycle
  const { http, streams, replicas } = await startEdge({ config, nats, clock, logger, telemetry, isReady })
  // The last one added runs first: readiness is off by now; no new work, requests under way, the streams, other connections.
  lifecycle.onStop('replicas', replicas.close)
  lifecycle.onStop('connections', http.close)
  lifecycle.onStop('streams', streams.close)
  lifecycle.onStop('requests', http.drain)
  lifecycle.onStop('readiness', () => sleep(config.DRAIN_DELAY_MS))
})
