/** A `traceparent` of W3C Trace Context for the next answer, or undefined to let the server decide what it records. */
export type TraceSource = () => string | undefined

/** Version 00; a later one may be longer, and would say nothing to the server. */
const PATTERN = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** What the app says, unless it is no traceparent: a fault in an app's telemetry costs no answer. Never throws. */
export const traceparentOf = (trace: TraceSource | undefined): string | undefined => {
  try {
    const text = trace?.()
    return isTraceparent(text) ? text : undefined
  } catch {
    return undefined
  }
}

export const isTraceparent = (value: unknown): value is string => typeof value === 'string' && PATTERN.test(value)

/** 32 hex digits. */
export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35)
