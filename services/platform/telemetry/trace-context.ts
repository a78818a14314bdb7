import { randomBytes } from 'node:crypto'
import type { SpanContext } from '@opentelemetry/api'

/** Name of the header, in HTTP and NATS, and of the member of a WebSocket message (W3C Trace Context). */
export const TRACEPARENT = 'traceparent'

const SAMPLED = 1
const PATTERN = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/
const MAX_LENGTH = 256

/** Undefined for anything that is no traceparent. */
export const parseTraceparent = (text: string): SpanContext | undefined => {
  const found = text.length > MAX_LENGTH ? null : PATTERN.exec(text)
  if (found === null) return undefined
  const [, traceId = '', spanId = '', flags = ''] = found
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & SAMPLED, isRemote: true }
}

export const isSampled = ({ traceFlags }: SpanContext): boolean => (traceFlags & SAMPLED) !== 0

export const formatTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-0${traceFlags & SAMPLED}`

export const newTraceId = (): string => randomBytes(16).toString('hex')
