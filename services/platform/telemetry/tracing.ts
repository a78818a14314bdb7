import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import type { Attributes, SpanContext } from '@opentelemetry/api'

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

export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const
export type SamplerName = (typeof SAMPLERS)[number]

/** Whether work is recorded; `parent` is undefined where a trace begins. */
export type Sampler = (parent: SpanContext | undefined) => boolean

/**
 * Traces a second that clients may have recorded by asking for it; those beyond are sampled like any other, so that
 * no client decides what we spend on telemetry.
 */
const ASKED_PER_SECOND = 100

/**
 * The standard samplers. A ratio is drawn at the beginning of a trace, for all that begin in the same millisecond; later spans
 * keep to it. Answers of a millisecond are one batch from there on: drawn one by one, one in a hundred would make traced
 * batches of nearly all.
 */
export const createSampler = (
  name: SamplerName,
  ratio: number,
  { now = () => performance.now(), random = Math.random } = {},
): Sampler => {
  const share = name.endsWith('always_on') ? 1 : name.endsWith('always_off') ? 0 : ratio
  let drawnAt = Number.NEGATIVE_INFINITY
  let isDrawn = false
  const draw = (): boolean => {
    const at = now()
    if (at - drawnAt < 1) return isDrawn
    drawnAt = at
    isDrawn = share > 0 && random() < share
    return isDrawn
  }
  if (!name.startsWith('parentbased_')) return draw

  const isWithinLimit = createPerSecond(ASKED_PER_SECOND, now)
  return (parent) => {
    if (parent === undefined) return draw()
    return isSampled(parent) && (isWithinLimit() || draw())
  }
}

/** True for the first so many calls in every second. */
export const createPerSecond = (limit: number, now: () => number = () => performance.now()): (() => boolean) => {
  let since = now()
  let calls = 0
  return () => {
    const at = now()
    if (at - since >= 1_000) {
      since = at
      calls = 0
    }
    calls += 1
    return calls <= limit
  }
}

/** Makes spans. Whether work is sampled has been decided by then. */
export interface SpanFactory {
  /** In the trace of each of the parents; without any the root of a new trace, of the given id if there is one. */
  start(name: string, parents: readonly SpanContext[], options?: SpanOptions, traceId?: string): Span
}

/**
 * One span for the work on several members, a part of it in each one's trace. Undefined without any. It can be given
 * children and no more: its members are ended where they were begun.
 */
export const joinSpans = (spans: Iterable<Span | undefined>, factory: SpanFactory): Span | undefined => {
  const contexts: SpanContext[] = []
  let first: Span | undefined
  for (const span of spans) {
    if (span === undefined) continue
    first ??= span
    contexts.push(...span.contexts)
  }
  if (first === undefined) return undefined
  const parents = contexts.slice(0, MAX_TRACES)
  return {
    traceId: first.traceId,
    contexts: parents,
    log: first.log,
    child: (name, options) => factory.start(name, parents, options),
    set: () => undefined,
    link: () => undefined,
    fail: () => undefined,
    end: () => undefined,
  }
}

/** One text per trace, for the headers of a message. */
export const traceparentsOf = ({ contexts }: Span): string[] => contexts.slice(0, MAX_TRACES).map(formatTraceparent)

/** What was not sampled and is worth to be recorded now that it is over. */
export interface PastWork {
  readonly name: string
  /** As it came with the request, '' for none. */
  readonly traceparent: string
  /** What has been told to the client; the trace of `traceparent` when there is one. */
  readonly traceId: string
  readonly options: SpanOptions
  readonly error?: unknown
}

export interface Tracing {
  /** False: nothing is ever recorded, every span is undefined. */
  readonly isOn: boolean
  /** Work that begins here, or that a client asks for with a traceparent ('' for none). Undefined: not sampled. */
  begin(traceparent: string, name: string, options?: SpanOptions): Span | undefined
  /** Work that continues the traces of a message of ours. Undefined: none of them is sampled. */
  resume(traceparents: readonly string[], name: string, options?: SpanOptions): Span | undefined
  /** A trace of its own about members of others, given as links. */
  about(links: Span, name: string, options?: SpanOptions): Span | undefined
  /**
   * Failures and what took too long are recorded in any case, if only by the part that notices; a hundred a second, as
   * an outage makes thousands that are all alike and has better use for the CPU.
   */
  record(past: PastWork): void
  join(spans: Iterable<Span | undefined>): Span | undefined
  /**
   * Does `work` with `current()` giving its span, however deep and late it is asked. Costs something at every promise from
   * the first time on: not for what happens per answer.
   */
  run<T>(span: Span | undefined, work: () => T): T
  current(): Span | undefined
}

const RECORDED_PER_SECOND = 100

export const noTracing: Tracing = {
  isOn: false,
  begin: () => undefined,
  resume: () => undefined,
  about: () => undefined,
  record: () => undefined,
  join: () => undefined,
  run: (_span, work) => work(),
  current: () => undefined,
}

export const createTracing = (
  factory: SpanFactory,
  sampler: Sampler,
  storage = new AsyncLocalStorage<Span>(),
  isWorthRecording = createPerSecond(RECORDED_PER_SECOND),
): Tracing => ({
  isOn: true,
  begin: (traceparent, name, options) => {
    const parent = traceparent === '' ? undefined : parseTraceparent(traceparent)
    if (!sampler(parent)) return undefined
    return factory.start(name, parent === undefined ? [] : [parent], options)
  },
  resume: (traceparents, name, options) => {
    const parents = traceparents.flatMap((text) => parseTraceparent(text) ?? []).filter(isSampled)
    return parents.length === 0 ? undefined : factory.start(name, parents, options)
  },
  about: ({ contexts }, name, options) => factory.start(name, [], { ...options, links: contexts }),
  record: ({ name, traceparent, traceId, options, error }) => {
    if (!isWorthRecording()) return
    const parent = parseTraceparent(traceparent)
    const span = factory.start(name, parent === undefined ? [] : [parent], options, traceId)
    if (error !== undefined) span.fail(error)
    span.end()
  },
  join: (spans) => joinSpans(spans, factory),
  run: (span, work) => (span === undefined ? work() : storage.run(span, work)),
  current: () => storage.getStore(),
})
