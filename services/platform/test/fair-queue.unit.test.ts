import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { createFairQueue } from '#platform/fair-queue'

const gate = () => Promise.withResolvers<void>()

t.test('a caller has one piece of work at a time, and few callers at once', async (t) => {
  const queue = createFairQueue({ atOnce: 2, maxWaiting: 30 })
  const under = new Set<string>()
  const gates = new Map<string, ReturnType<typeof gate>>()
  const read = (hostId: string, name: string) => {
    const held = gate()
    gates.set(name, held)
    return queue(hostId, async () => {
      under.add(name)
      await held.promise
      under.delete(name)
      return name
    })
  }
  const end = async (name: string) => {
    gates.get(name)?.resolve()
    await turn()
  }
  const all = [read('a', 'a1'), read('a', 'a2'), read('b', 'b1'), read('c', 'c1')]
  await turn()
  t.same([...under], ['a1', 'b1'])
  await end('b1')
  t.same([...under], ['a1', 'c1'], 'another caller comes before the second piece of the same')
  await end('a1')
  t.same([...under], ['c1', 'a2'])
  await end('a2')
  await end('c1')
  t.same(await Promise.all(all), ['a1', 'a2', 'b1', 'c1'])
})

t.test('work that fails makes room, and too many that wait are refused', async (t) => {
  const queue = createFairQueue({ atOnce: 2, maxWaiting: 30 })
  await t.rejects(
    queue('a', () => Promise.reject(new Error('lost'))),
    { message: 'lost' },
  )
  const held = gate()
  const reads = Array.from({ length: 31 }, () => queue('a', () => held.promise))
  await t.rejects(
    queue('a', () => held.promise),
    { code: 'rate-limited' },
  )
  held.resolve()
  await Promise.all(reads)
  t.equal(await queue('a', async () => 'again'), 'again')
})
