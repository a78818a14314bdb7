import { METRICS, SESSION_ID, SPANS } from '#platform/contract/names'
import { isId } from '#platform/ids'
import { noTelemetry, type Span, type Telemetry } from '#platform/telemetry'
import type { Histogram } from '#platform/telemetry/metrics'
import type { Request } from './request.ts'
import type { Route } from './router.ts'

/** Times the requests of one route and shows them in traces. */
export interface RequestWatch {
  /** Undefined when the request is not sampled. */
  begin(request: Request): Span | undefined
  /** `status` as in the status line, '499' when the client did not wait. Called once. */
  end(request: Request, status: string, error?: unknown): void
}

export interface RequestWatchOptions {
  /** Default: nothing is recorded. */
  readonly telemetry?: Telemetry
  /** Milliseconds from which on a request is recorded in any case, if only by its own span. Default 500. */
  readonly slowMs?: number
}

/** Requests for nothing that there is. */
const NO_ROUTE = { method: '_OTHER', path: '' } as const

/** One watch per route. */
export const createRequestWatches = (options: RequestWatchOptions): ((route: Route | undefined) => RequestWatch) => {
  const { telemetry = noTelemetry(), slowMs = 500 } = options
  const watches = new Map<object, RequestWatch>()
  return (route: Pick<Route, 'path'> & { readonly method: string } = NO_ROUTE) => {
    let known = watches.get(route)
    if (known === undefined) {
      known = createWatch(telemetry, slowMs, route.method, route.path)
      watches.set(route, known)
    }
    return known
  }
}

/** Of a path below a session; a join code names none. */
const sessionIn = (path: string): Readonly<Record<string, string>> => {
  const [, sessionId = ''] = /^\/v1\/sessions\/([^/]+)/.exec(path) ?? []
  return isId(sessionId) ? { [SESSION_ID]: sessionId } : {}
}

/** The route is the template, never the path: no id becomes an attribute of a metric. */
const createWatch = (telemetry: Telemetry, slowMs: number, method: string, route: string): RequestWatch => {
  const { tracing, metrics } = telemetry
  const name = SPANS.http(method, route)
  const attributes = { 'http.request.method': method, 'http.route': route }
  const byStatus = new Map<string, Histogram>()

  const histogramOf = (status: string): Histogram => {
    let known = byStatus.get(status)
    if (known === undefined) {
      known = metrics.histogram(METRICS.httpDuration, method, route, status.slice(0, 3))
      byStatus.set(status, known)
    }
    return known
  }

  return {
    begin: ({ headers, startedAt, path }) => {
      const span = tracing.begin(headers.traceparent ?? '', name, { role: 'server', startedAt, attributes })
      span?.set(sessionIn(path))
      return span
    },
    end: (request, status, error) => {
      const { span, startedAt } = request
      const endedAt = performance.now()
      const elapsedMs = endedAt - startedAt
      histogramOf(status).record(elapsedMs / 1_000, 1, span?.traceId)
      const hasFailed = status.startsWith('5')
      if (span !== undefined) {
        span.set({ 'http.response.status_code': Number(status.slice(0, 3)) })
        if (hasFailed) span.fail(error)
        span.end(endedAt)
      } else if (tracing.isOn && (hasFailed || elapsedMs > slowMs)) {
        tracing.record({
          name,
          traceparent: request.headers.traceparent ?? '',
          traceId: request.traceId(),
          error: hasFailed ? error : undefined,
          options: {
            role: 'server',
            startedAt,
            attributes: {
              ...attributes,
              ...sessionIn(request.path),
              'http.response.status_code': Number(status.slice(0, 3)),
            },
          },
        })
      }
    },
  }
}
