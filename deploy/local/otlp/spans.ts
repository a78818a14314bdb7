/** A span as OTLP has it in JSON, as far as we look at it. */
type OtlpSpan = {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes?: readonly OtlpAttribute[]
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly events?: readonly { readonly name: string; readonly attributes?: readonly OtlpAttribute[] }[]
  readonly status?: { readonly code?: number }
}

type OtlpAttribute = { readonly key: string; readonly value: Readonly<Record<string, unknown>> }

type OtlpTraces = {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly OtlpAttribute[] }
    readonly scopeSpans?: readonly { readonly spans?: readonly OtlpSpan[] }[]
  }[]
}

export type Attributes = Readonly<Record<string, string>>

/** One span, with times as numbers and values as texts. */
export type Span = {
  readonly traceId: string
  readonly spanId: string
  /** Undefined at a root. */
  readonly parentId: string | undefined
  readonly name: string
  /** Instance of the service. */
  readonly instance: string
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Attributes
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly failed: boolean
  /** Type of the exception that was recorded. */
  readonly exception: string | undefined
}

/** The spans of one export. Throws when it is no JSON. */
export const spansOf = (json: string): readonly Span[] =>
  ((JSON.parse(json) as OtlpTraces).resourceSpans ?? []).flatMap(({ resource, scopeSpans }) => {
    const about = textsOf(resource?.attributes)
    const instance = about['service.instance.id'] ?? about['service.name'] ?? ''
    return (scopeSpans ?? []).flatMap(({ spans }) => (spans ?? []).map((span) => toSpan(span, instance)))
  })

const toSpan = (span: OtlpSpan, instance: string): Span => ({
  traceId: span.traceId,
  spanId: span.spanId,
  parentId: span.parentSpanId || undefined,
  name: span.name,
  instance,
  startMs: Number(span.startTimeUnixNano) / 1e6,
  endMs: Number(span.endTimeUnixNano) / 1e6,
  attributes: textsOf(span.attributes),
  links: span.links ?? [],
  failed: span.status?.code === 2,
  exception: span.events?.map(({ attributes }) => textsOf(attributes)['exception.type']).find(Boolean),
})

const textsOf = (attributes: readonly OtlpAttribute[] = []): Attributes =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]))
