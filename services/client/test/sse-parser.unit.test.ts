import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { createSseParser, SSE_BUFFER_LIMIT } from '../src/sse-connection.ts'

const wire = (events: { type: string; id?: string; data: string }[], newline: string): string =>
  events
    .map(({ type, id, data }) =>
      [
        `event: ${type}`,
        ...(id === undefined ? [] : [`id:${id}`]),
        ...data.split('\n').map((line) => `data: ${line}`),
        '',
        '',
      ].join(newline),
    )
    .join('')

t.test('events come out the same however the bytes are cut', async () => {
  const event = fc.record(
    {
      type: fc.constantFrom('score.updated', 'session.snapshot'),
      id: fc.nat().map(String),
      data: fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\r', '')),
    },
    { requiredKeys: ['type', 'data'] },
  )
  const run = (events: { type: string; id?: string; data: string }[], newline: string, cuts: number[]) => {
    const text = `: comment${newline}${wire(events, newline)}`
    const parse = createSseParser()
    const marks = [0, ...cuts.map((cut) => cut % text.length).sort((a, b) => a - b), text.length]
    const found = marks.slice(1).flatMap((mark, index) => parse(text.slice(marks[index], mark)))
    assert.deepEqual(
      found,
      events.map(({ type, id, data }) => ({ type, id, data })),
    )
  }
  fc.assert(fc.property(fc.array(event), fc.constantFrom('\n', '\r\n'), fc.array(fc.nat(), { maxLength: 9 }), run), {
    numRuns: 60,
  })
})

t.test('an event without data is none, and an id does not carry over to the next event', async (t) => {
  const parse = createSseParser()
  t.strictSame(parse('id: 4\nevent: a\n\nevent: b\ndata: 1\n\n'), [{ type: 'b', id: undefined, data: '1' }])
  t.strictSame(parse('data: 2\n\n'), [{ type: 'message', id: undefined, data: '2' }])
})

t.test('`retry:` is passed on, and what is no number is not', async (t) => {
  const delays: number[] = []
  const parse = createSseParser((ms) => delays.push(ms))
  t.strictSame(parse('retry: 1500\n\nretry:soon\nretry:20\ndata: 1\n\n').length, 1)
  t.strictSame(delays, [1_500, 20])
})

t.test('a stream that never ends its event is given up', async (t) => {
  const parse = createSseParser()
  const piece = 'x'.repeat(SSE_BUFFER_LIMIT / 4)
  for (let count = 0; count < 4; count++) parse(piece)
  t.throws(() => parse(piece), RangeError)
})
