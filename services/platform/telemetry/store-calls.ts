import { METRICS, SPANS } from '../contract/names.ts'
import type { Histogram, Metrics } from './metrics.ts'
import type { Span } from './span.ts'

export type StoreSystem = 'postgresql' | 'redis'

/** Called when a statement or script leaves; the result is called when it is over, with the error if it failed. */
export type StoreCalls = (operation: string, span?: Span) => (error?: unknown) => void

/** Times the calls of one store by name, and shows each in the traces it is made for. */
export const createStoreCalls = (metrics: Metrics, system: StoreSystem): StoreCalls => {
  const histograms = new Map<string, Histogram>()
  const histogramOf = (operation: string, outcome: 'ok' | 'failed'): Histogram => {
    const key = `${outcome} ${operation}`
    const known = histograms.get(key) ?? metrics.histogram(METRICS.storeDuration, system, operation, outcome)
    histograms.set(key, known)
    return known
  }
  const nameOf = system === 'redis' ? SPANS.redis : SPANS.sql
  return (operation, span) => {
    const startedAt = performance.now()
    const own = span?.child(nameOf(operation), {
      role: 'client',
      startedAt,
      attributes: {
        'db.system.name': system,
        'db.operation.name': operation,
        ...(span.contexts.length > 1 && { 'db.operation.batch.size': span.contexts.length }),
      },
    })
    return (error) => {
      const endedAt = performance.now()
      const seconds = (endedAt - startedAt) / 1_000
      histogramOf(operation, error == null ? 'ok' : 'failed').record(seconds, 1, own?.traceId)
      if (own === undefined) return
      if (error != null) own.fail(error)
      own.end(endedAt)
    }
  }
}
