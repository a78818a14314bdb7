import t from 'tap'
import type { TakeoverNote } from '../../streams/audience.ts'
import { createSessionPresence, isPresent, type PresenceReport, presenceOf, union } from '../../streams/presence.ts'

const player = (joinOrder: number) => ({
  kind: 'player' as const,
  playerId: `p${joinOrder}`,
  sessionId: 's',
  joinOrder,
  generation: 1,
  nickname: '',
  expiresAt: 0,
})

/** Edges that hear each other, and a clock. */
const createEdges = () => {
  const listeners = new Set<(report: PresenceReport) => void>()
  const reports: PresenceReport[] = []
  let now = 0
  const channel = {
    publish: (report: PresenceReport) => {
      reports.push(report)
      for (const listener of [...listeners]) listener(report)
    },
    subscribe: (_: string, listener: (report: PresenceReport) => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const open = (edgeId: string, takeovers: readonly TakeoverNote[] = []) => {
    const heard: TakeoverNote[] = []
    const presence = createSessionPresence({
      sessionId: 's',
      edgeId,
      channel,
      clock: { now: () => now, monotonic: () => now },
      takeovers: () => takeovers,
      onTakeover: (takeover) => heard.push(takeover),
    })
    const orders = () => [1, 2, 3, 4].filter((order) => isPresent(presence.connected(), order))
    return { ...presence, orders, heard }
  }
  const pass = (ms: number) => {
    now += ms
  }
  return { open, reports, pass }
}

t.test('a player counts wherever the stream is, and until the last one has gone', async (t) => {
  const { open } = createEdges()
  const a = open('a')
  const b = open('b')
  a.enter(player(1))
  b.enter(player(1))
  b.enter(player(2))
  b.enter(player(2))
  for (const { sweep } of [a, b]) sweep()
  t.same(
    [a.orders(), b.orders()],
    [
      [1, 2],
      [1, 2],
    ],
  )
  a.leave(player(1))
  b.leave(player(2))
  for (const { sweep } of [a, b]) sweep()
  t.same(
    [a.orders(), b.orders()],
    [
      [1, 2],
      [1, 2],
    ],
  )
  b.leave(player(2))
  b.sweep()
  t.same([a.orders(), b.orders()], [[1], [1]])
})

t.test('an edge that starts later gets everything at once, also takeovers', async (t) => {
  const { open } = createEdges()
  const takeover = { playerId: 'p1', generation: 3 }
  const a = open('a', [takeover])
  a.enter(player(1))
  a.sweep()
  const b = open('b')
  t.same(b.orders(), [1])
  t.same(b.heard, [takeover])
  t.same(a.heard, [])
})

t.test('changes make one report a second, and without any there is one every three seconds', async (t) => {
  const { open, reports, pass } = createEdges()
  const { enter, sweep } = open('a')
  for (let order = 1; order <= 100; order++) enter(player(order))
  t.equal(reports.length, 1, 'the question to the others')
  for (let second = 0; second < 10; second++) {
    sweep()
    pass(1_000)
  }
  t.equal(reports.length, 1 + 1 + 3)
})

t.test('there is no report for a session without players', async (t) => {
  const { open, reports, pass } = createEdges()
  const { sweep } = open('a')
  for (let second = 0; second < 10; second++) {
    sweep()
    pass(1_000)
  }
  t.equal(reports.length, 1)
})

t.test('an edge that dies takes its players with it after eight seconds; one that stops says so', async (t) => {
  const { open, pass } = createEdges()
  const a = open('a')
  const dying = open('b')
  const stopping = open('c')
  dying.enter(player(2))
  stopping.enter(player(3))
  for (const { sweep } of [dying, stopping]) sweep()
  t.same(a.orders(), [2, 3])
  stopping.close()
  t.same(a.orders(), [2])
  pass(7_900)
  a.sweep()
  t.same(a.orders(), [2])
  pass(200)
  a.sweep()
  t.same(a.orders(), [])
})

t.test('a presence holds exactly its join orders', async (t) => {
  const bits = presenceOf([1, 9, 1_000, -1, 2 ** 30])
  t.same(
    Array.from({ length: 1_100 }, (_, order) => order).filter((order) => isPresent(bits, order)),
    [1, 9, 1_000],
  )
  t.equal(bits.length, 126)
  t.equal(isPresent(bits, 2 ** 30), false)
  t.equal(presenceOf([]).length, 0)
})

t.test('a union holds the players of any of them', async (t) => {
  const all = union([presenceOf([1]), presenceOf([]), presenceOf([20, 1]), presenceOf([3])])
  t.same(
    Array.from({ length: 30 }, (_, order) => order).filter((order) => isPresent(all, order)),
    [1, 3, 20],
  )
  t.equal(union([]).length, 0)
})
