import type { Span } from './spans.ts'

/** A span with what happened because of it, in the order of beginning. */
export type Node = { readonly span: Span; readonly children: readonly Node[] }

/** One trace as trees. Spans whose parent is not there (a client's, or one that died before it was sent) are roots. */
export const treesOf = (spans: readonly Span[]): readonly Node[] => {
  const ids = new Set(spans.map(({ spanId }) => spanId))
  const children = Map.groupBy(spans, ({ parentId }) => (parentId !== undefined && ids.has(parentId) ? parentId : ''))
  const nodesUnder = (id: string): readonly Node[] =>
    (children.get(id) ?? [])
      .toSorted((a, b) => a.startMs - b.startMs)
      .map((span) => ({ span, children: nodesUnder(span.spanId) }))
  return nodesUnder('')
}

/**
 * One trace for the eye: when each span began after the first, what it is, where it ran, how long it took. Spans of other
 * traces that it has links to are named below it.
 */
export const printTrace = (traceId: string, all: readonly Span[]): string => {
  const spans = all.filter((span) => span.traceId === traceId)
  if (spans.length === 0) return `no trace ${traceId}\n`
  const begin = Math.min(...spans.map(({ startMs }) => startMs))
  const end = Math.max(...spans.map(({ endMs }) => endMs))
  const byId = new Map(all.map((span) => [span.spanId, span]))
  const rows: Row[] = []

  const add = (node: Node, lead: string, isLast: boolean, isRoot: boolean): void => {
    const { span } = node
    const branch = isRoot ? '' : `${lead}${isLast ? '└ ' : '├ '}`
    rows.push({
      at: millis(span.startMs - begin),
      what: `${branch}${span.name}`,
      where: span.instance,
      took: millis(span.endMs - span.startMs),
      about: aboutOf(span),
    })
    const below = isRoot ? '' : `${lead}${isLast ? '  ' : '│ '}`
    for (const link of span.links) {
      const linked = byId.get(link.spanId)
      if (linked === undefined || linked.traceId === traceId) continue
      rows.push({
        at: millis(linked.startMs - begin),
        what: `${below}→ ${linked.name}`,
        where: linked.instance,
        took: millis(linked.endMs - linked.startMs),
        about: `${linked.links.length} linked, trace ${linked.traceId}`,
      })
    }
    for (const [index, child] of node.children.entries()) add(child, below, index === node.children.length - 1, false)
  }
  for (const root of treesOf(spans)) add(root, '', true, true)

  const width = (key: 'what' | 'where') => Math.max(...rows.map((row) => row[key].length))
  const [what, where] = [width('what'), width('where')]
  const lines = rows.map((row) =>
    `${row.at.padStart(9)}  ${row.what.padEnd(what)}  ${row.where.padEnd(where)}  ${row.took.padStart(9)}  ${row.about}`.trimEnd(),
  )
  return [`trace ${traceId}: ${spans.length} spans, ${millis(end - begin)}`, ...lines, ''].join('\n')
}

type Row = {
  readonly at: string
  readonly what: string
  readonly where: string
  readonly took: string
  readonly about: string
}

const millis = (value: number): string => `${value.toFixed(2)} ms`

/** Attributes that tell one run from another; the rest is in the file. */
const shown = [
  'http.response.status_code',
  'podium.attempt',
  'podium.verdict',
  'podium.outcome',
  'podium.frame',
  'messaging.batch.message_count',
  'db.operation.batch.size',
] as const

const aboutOf = ({ attributes, failed, exception }: Span): string =>
  [
    ...shown.flatMap((key) => (attributes[key] === undefined ? [] : [`${key.split('.').at(-1)}=${attributes[key]}`])),
    ...(failed ? [`FAILED ${exception ?? ''}`.trim()] : []),
  ].join(' ')

/** Attribute by which an answer's trace is found. */
const answerId = 'podium.answer.id'

/** The newest trace of an answer; undefined when none was recorded. */
export const traceOfAnswer = (spans: readonly Span[], id: string): string | undefined =>
  spans.findLast(({ attributes }) => attributes[answerId] === id)?.traceId
