import t from 'tap'
import type { EventStream, PodiumEvent } from '#client'
import { createWitness, faultsOf, historyOf, type Witness } from './support/network/witness.ts'

/** What a stream showed, written as `snapshot 3`, `opened 5`, `board`. */
const witnessOf = (...shown: readonly string[]): Witness => {
  let tell: (event: PodiumEvent) => void = () => undefined
  const stream = { on: (_type: string, listener: typeof tell) => (tell = listener) }
  const witness = createWitness(stream as unknown as EventStream)
  for (const text of shown) {
    const [type, id] = text.split(' ')
    tell({ type: type === 'snapshot' ? 'session.snapshot' : type, ...(id && { id }), data: {} } as never)
  }
  return witness
}

const history = historyOf([witnessOf('snapshot 1', 'opened 3', 'closed 4', 'opened 7')])

t.test('a stream that showed everything once and in order is in order, also with a snapshot in between', async (t) => {
  t.strictSame(faultsOf(witnessOf('snapshot 1', 'opened 3', 'board', 'closed 4', 'opened 7'), history), [])
  t.strictSame(faultsOf(witnessOf('snapshot 1', 'opened 3', 'snapshot 4', 'opened 7'), history), [])
  t.strictSame(faultsOf(witnessOf('snapshot 5', 'snapshot 5', 'opened 7'), history), [])
})

t.test('what is shown twice, out of order, too late or never is noticed', async (t) => {
  const faults = (...shown: string[]) => faultsOf(witnessOf(...shown), history)
  t.strictSame(faults('snapshot 1', 'opened 3', 'opened 3', 'closed 4', 'opened 7'), ['opened 3 after position 3'])
  t.strictSame(faults('snapshot 1', 'opened 3', 'snapshot 4', 'closed 4', 'opened 7'), ['closed 4 after position 4'])
  t.strictSame(faults('snapshot 1', 'opened 3', 'opened 7'), ['opened 7 without closed 4'])
  t.strictSame(faults('snapshot 1', 'opened 3', 'closed 4'), ['never told of opened 7'])
  t.strictSame(faults('snapshot 4', 'snapshot 1', 'opened 7'), ['session.snapshot 1 after position 4'])
  t.strictSame(faults('opened 3', 'closed 4', 'opened 7'), ['began with opened'])
})

t.test('two streams that got different events at one position are noticed', async (t) => {
  t.throws(() => historyOf([witnessOf('snapshot 1', 'opened 3'), witnessOf('snapshot 1', 'closed 3')]), /position 3/)
})
