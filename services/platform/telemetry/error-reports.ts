import { scrub } from '../logger.ts'
import type { Counter } from './metrics.ts'
import { newTraceId } from './tracing.ts'

/** What has gone wrong, as an error tracker shows it. `message` is one of our constant texts. */
export interface ErrorReport {
  readonly message: string
  readonly level: 'error' | 'fatal'
  readonly error: unknown
  readonly traceId: string | undefined
}

export interface ErrorReports {
  /** Never throws, never waits. */
  report(report: ErrorReport): void
  /** Resolves when everything reported so far has been sent or given up. */
  flush(): Promise<void>
}

export const noErrorReports: ErrorReports = { report: () => undefined, flush: async () => undefined }

interface About {
  readonly service: string
  readonly instance: string
  readonly release: string
}

/** Reports that wait; a flood of errors is one error many times. */
const MAX_WAITING = 50
const DEADLINE_MS = 3_000
const MAX_CAUSES = 5
const MAX_TEXT = 8_192

/**
 * Sends errors to Sentry, or whatever speaks its envelope protocol, one at a time. Sentry's own package would bring a second
 * OpenTelemetry and its own hooks into everything.
 * @throws Error when the DSN is none.
 */
export const createErrorReports = (dsn: string, about: About, dropped: Counter): ErrorReports => {
  const { url, key } = endpointOf(dsn)
  const waiting: ErrorReport[] = []
  let sending: Promise<void> | undefined

  const send = async (report: ErrorReport): Promise<void> => {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-sentry-envelope',
          'x-sentry-auth': `Sentry sentry_version=7, sentry_client=podium/1, sentry_key=${key}`,
        },
        body: envelopeOf(report, about),
        signal: AbortSignal.timeout(DEADLINE_MS),
      })
      await response.body?.cancel()
      if (!response.ok) dropped.add()
    } catch {
      // A log line about it would be reported in turn; the error itself is in the log.
      dropped.add()
    }
  }

  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await send(next)
    sending = undefined
  }

  return {
    report: (report) => {
      if (waiting.length >= MAX_WAITING) dropped.add()
      else waiting.push(report)
      sending ??= work()
    },
    flush: async () => {
      await sending
    },
  }
}

/** @throws Error when it is no DSN. */
export const endpointOf = (dsn: string): { readonly url: string; readonly key: string } => {
  const { protocol = '', host = '', pathname = '', username = '' } = URL.canParse(dsn) ? new URL(dsn) : {}
  const [, prefix = '', project = ''] = /^(.*)\/([^/]+)$/.exec(pathname) ?? []
  if (username === '' || project === '') throw new Error('must be a DSN, as in https://key@host/project')
  return { url: `${protocol}//${host}${prefix}/api/${project}/envelope/`, key: username }
}

const envelopeOf = (
  { message, level, error, traceId = newTraceId() }: ErrorReport,
  { service, instance, release }: About,
): string => {
  const eventId = newTraceId()
  const event = {
    event_id: eventId,
    timestamp: Date.now() / 1_000,
    platform: 'node',
    level,
    logger: service,
    server_name: instance,
    release,
    tags: { service },
    message: { formatted: message },
    exception: { values: exceptionsOf(error) },
    contexts: { trace: { trace_id: traceId, span_id: eventId.slice(0, 16) } },
  }
  return [{ event_id: eventId }, { type: 'event' }, event].map((part) => JSON.stringify(part)).join('\n')
}

/** The innermost cause first, as the protocol wants them. */
const exceptionsOf = (error: unknown): { type: string; value: string }[] => {
  const values: { type: string; value: string }[] = []
  for (let each = error; each !== undefined && values.length < MAX_CAUSES; each = causeOf(each)) {
    values.unshift(toException(each))
  }
  return values
}

const toException = (error: unknown): { type: string; value: string } =>
  error instanceof Error
    ? { type: error.name, value: scrub(error.stack ?? error.message).slice(0, MAX_TEXT) }
    : { type: typeof error, value: scrub(String(error)).slice(0, MAX_TEXT) }

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined)
