import t from 'tap'
import { isFrom } from '../logs.ts'
import { createLineSplitter, createTail } from '../processes/lines.ts'

const split = (...chunks: (string | Buffer)[]) => {
  const lines: string[] = []
  const splitter = createLineSplitter((line) => lines.push(line))
  for (const chunk of chunks) splitter.push(Buffer.from(chunk))
  splitter.end()
  return lines
}

t.test('lines come out whole, however they came in', async (t) => {
  t.strictSame(split('a\nb', 'c\n', '\n', 'd'), ['a', 'bc', '', 'd'])
  t.strictSame(split('a\r\nb\r\n'), ['a', 'b'])
  const snow = Buffer.from('☃\n')
  t.strictSame(split(snow.subarray(0, 1), snow.subarray(1)), ['☃'])
})

t.test('output without newlines is cut, not collected', async (t) => {
  const lines = split('x'.repeat(150_000))
  t.strictSame(
    lines.map((line) => line.length),
    [65_536, 65_536, 18_928],
  )
})

t.test('a tail keeps the newest lines', async (t) => {
  const tail = createTail(2)
  for (const line of ['a', 'b', 'c']) tail.add(line)
  t.strictSame(tail.lines(), ['b', 'c'])
})

t.test('logs of a service are those of all its copies, of a copy only its own', async (t) => {
  t.ok(isFrom('edge', 'edge.2 | ready'))
  t.ok(isFrom('edge.2', 'edge.2 | ready'))
  t.notOk(isFrom('edge.1', 'edge.2 | ready'))
  t.notOk(isFrom('edge', 'podium | edge.2 died'))
  t.ok(isFrom('nats', 'nats | [1] Server is ready'))
})
