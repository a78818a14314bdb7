import pg from 'pg'
import { METRICS } from '../contract/names.ts'
import type { Telemetry } from '../telemetry.ts'
import type { Metrics } from './metrics.ts'
import type { Span } from './span.ts'
import { createStoreCalls } from './store-calls.ts'

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
