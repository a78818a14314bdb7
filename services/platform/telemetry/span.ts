import type { Attributes, SpanContext } from '@opentelemetry/api'

export type SpanRole = 'internal' | 'server' | 'client' | 'producer' | 'consumer'

export interface SpanOptions {
  /** Default internal. */
  readonly role?: SpanRole
  readonly attributes?: Attributes
  /** Monotonic milliseconds (`performance.now()`); default now. */
  readonly startedAt?: number | undefined
  readonly links?: readonly SpanContext[]
}

/**
 * Work that is recorded, in one trace or, where messages of several are handled together, in each of them. Handed from
 * function to function; a function that gets `undefined` instead records nothing, at no cost.
 */
export interface Span {
  /** Of the first trace. */
  readonly traceId: string
  readonly contexts: readonly SpanContext[]
  /** For log lines. */
  readonly log: { readonly trace_id: string; readonly span_id: string }
  child(name: string, options?: SpanOptions): Span
  set(attributes: Attributes): void
  /** Points to the beginnings of another. */
  link(other: Span): void
  /** Marks it as failed, with the exception. */
  fail(error: unknown): void
  /** Monotonic milliseconds; default now. Once. */
  end(at?: number): void
}

/** Spans of several members as one; undefined without any. */
export type JoinSpans = (spans: Iterable<Span | undefined>) => Span | undefined

/** Traces that one message or batch carries on; further ones end there. As many links as a span may have. */
export const MAX_TRACES = 128
