import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock as clock } from '#platform/clock'
import { createJetStreamProbe } from '#platform/health'
import { runService } from '#platform/service'
import { createBus } from './bus.ts'
import { edgeSpec } from './config.ts'
import { createCore } from './core.ts'
import { startFront } from './front.ts'
import { createOperatorPage } from './http/operator-page.ts'
import { createWorkerLag } from './http/worker-lag.ts'
import { createStreams } from './streams.ts'

await runService('edge', edgeSpec, async ({ config, logger, lifecycle, nats, telemetry, pages }) => {
  const bus = await createBus(nats, logger, telemetry)
  const core = await createCore({ config, bus, clock, logger, telemetry })
  const { feed, answers, link } = bus
  const { MAX_STREAMS: maxStreams, INSTANCE: instance, SLOW_REQUEST_MS: slowMs } = config
  const { BOARD_INTERVAL_MS: boardIntervalMs } = config
  const limits = { maxStreams, boardIntervalMs, slowMs }
  const streams = createStreams({ ...core, ...limits, nats, logger, clock, telemetry, feed, answers, link })

  const probe = createJetStreamProbe({ publisher: bus.publisher })
  const isReady = async () => lifecycle.isReady() && link.isUp() && (await probe())
  const http = await startFront({ config, bus, core, streams, clock, logger, telemetry, isReady })

  // The last one added runs first: readiness is off by now; no new work, the work at hand, the streams, what is left of the connections.
  lifecycle.onStop('replicas', core.replicas.close)
  lifecycle.onStop('connections', http.close)
  lifecycle.onStop('streams', streams.close)
  lifecycle.onStop('requests', http.drain)
  const page = { instance, metrics: telemetry.metrics, isReady: lifecycle.isReady, lag: await createWorkerLag(nats) }
  pages.set('/', createOperatorPage({ ...page, onStop: (stop) => lifecycle.onStop('page', stop) }))
  lifecycle.onStop('readiness', () => sleep(config.DRAIN_DELAY_MS))
  return async () => link.isUp() && (await probe())
})
