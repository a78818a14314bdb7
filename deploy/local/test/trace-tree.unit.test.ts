import t from 'tap'
import { spansOf } from '../otlp/spans.ts'
import { printTrace, traceOfAnswer, treesOf } from '../otlp/tree.ts'

const attribute = (key: string, value: string | number) => ({
  key,
  value: typeof value === 'number' ? { intValue: value } : { stringValue: value },
})

const span = (
  name: string,
  spanId: string,
  parentSpanId: string | undefined,
  from: number,
  to: number,
  more: object = {},
) => ({
  traceId: 'a',
  spanId,
  ...(parentSpanId !== undefined && { parentSpanId }),
  name,
  startTimeUnixNano: String(BigInt(from) * 1_000_000n),
  endTimeUnixNano: String(BigInt(to) * 1_000_000n),
  ...more,
})

const of = (instance: string, ...spans: object[]) => ({
  resource: { attributes: [attribute('service.name', 'x'), attribute('service.instance.id', instance)] },
  scopeSpans: [{ spans }],
})

const spans = spansOf(
  JSON.stringify({
    resourceSpans: [
      of('scorer-1', span('process', '3', '2', 1_020, 1_024, { attributes: [attribute('podium.attempt', 2)] })),
      of(
        'edge-1',
        span('POST', '1', 'of-the-client', 1_000, 1_010, { attributes: [attribute('podium.answer.id', 'abc')] }),
        span('publish', '2', '1', 1_002, 1_009),
        span('visible', '4', '3', 1_025, 1_040, { links: [{ traceId: 'b', spanId: '9' }] }),
        span('lost', '5', '1', 1_003, 1_004, {
          status: { code: 2 },
          events: [{ name: 'exception', attributes: [attribute('exception.type', 'unavailable')] }],
        }),
        {
          ...span('fan-out tick', '9', undefined, 1_030, 1_040, { links: [{ traceId: 'a', spanId: '4' }] }),
          traceId: 'b',
        },
      ),
    ],
  }),
)

t.test('a trace becomes a tree in the order of beginning', async (t) => {
  const [root, ...others] = treesOf(spans.filter(({ traceId }) => traceId === 'a'))
  t.same(others, [])
  t.equal(root?.span.name, 'POST', 'its parent is not ours')
  t.same(
    root?.children.map((child) => child.span.name),
    ['publish', 'lost'],
  )
  t.equal(root?.children[0]?.children[0]?.children[0]?.span.name, 'visible')
})

t.test('it is printed with times, places, attempts, failures, and what it has links to', async (t) => {
  t.equal(
    printTrace('a', spans),
    `trace a: 5 spans, 40.00 ms
  0.00 ms  POST                  edge-1     10.00 ms
  2.00 ms  ├ publish             edge-1      7.00 ms
 20.00 ms  │ └ process           scorer-1    4.00 ms  attempt=2
 25.00 ms  │   └ visible         edge-1     15.00 ms
 30.00 ms  │     → fan-out tick  edge-1     10.00 ms  1 linked, trace b
  3.00 ms  └ lost                edge-1      1.00 ms  FAILED unavailable
`,
  )
  t.equal(printTrace('c', spans), 'no trace c\n')
})

t.test('an answer is found by its id', async (t) => {
  t.equal(traceOfAnswer(spans, 'abc'), 'a')
  t.equal(traceOfAnswer(spans, 'other'), undefined)
})
