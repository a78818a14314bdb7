import pg from 'pg'
import { METRICS, SPANS } from '../contract/names.ts'
import type { Telemetry } from '../telemetry.ts'
import type { Histogram, Metrics } from './metrics.ts'
import type { Span } from './tracing.ts'

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

/** Spread into a statement: `pool.query({ ...statement, values, ...traced(span) })`. */
export const traced = (span: Span | undefined): { readonly span?: Span } => (span === undefined ? {} : { span })

interface Submitted {
  readonly name?: string
  readonly text?: string
  readonly span?: Span
}

type Callback = (error: Error | null, result?: unknown) => void

/** The driver's client with a clock around `query`, in both of its forms. */
export const measuredClient = ({ metrics, tracing }: Telemetry): typeof pg.Client => {
  const calls = createStoreCalls(metrics, 'postgresql')
  return class extends pg.Client {
    // biome-ignore lint/suspicious/noExplicitAny: the driver declares eight signatures for what is one
    override query(...args: any[]): any {
      const submitted: Submitted = typeof args[0] === 'string' ? { text: args[0] } : args[0]
      const over = calls(nameOf(submitted), submitted.span ?? tracing.current())
      const callback: unknown = args.at(-1)
      if (typeof callback === 'function') {
        const measured: Callback = (error, result) => {
          over(error)
          ;(callback as Callback)(error, result)
        }
        // biome-ignore lint/suspicious/noExplicitAny: as above
        return (super.query as any)(...args.slice(0, -1), measured)
      }
      // biome-ignore lint/suspicious/noExplicitAny: as above
      const result: Promise<unknown> = (super.query as any)(...args)
      result.then(
        () => over(),
        (error: unknown) => over(error),
      )
      return result
    }
  }
}

/** Our statements have names; what is left are BEGIN, COMMIT and their like. Never a text with values in it. */
const nameOf = ({ name, text = '' }: Submitted): string => name ?? /^[A-Z]+/.exec(text)?.[0] ?? 'other'

export const observePool = (metrics: Metrics, pool: pg.Pool): void => {
  metrics.observe(METRICS.poolConnections, () => pool.totalCount - pool.idleCount, 'used')
  metrics.observe(METRICS.poolConnections, () => pool.idleCount, 'idle')
  metrics.observe(METRICS.poolMax, () => pool.options.max)
  metrics.observe(METRICS.poolWaiting, () => pool.waitingCount)
}
