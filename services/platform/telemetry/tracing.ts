import { AsyncLocalStorage } from 'node:async_hooks'
import { createPerSecond, type Sampler } from './sampling.ts'
import type { Span, SpanOptions } from './span.ts'
import { joinSpans, type SpanFactory } from './span-factory.ts'
import { isSampled, parseTraceparent } from './trace-context.ts'

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
  /** Work that goes on in the traces of a message of ours. Undefined: none of them is sampled. */
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
