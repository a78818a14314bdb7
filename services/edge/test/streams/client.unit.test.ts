import t from 'tap'
import { createStreamClient, createStreamCounters, type Pipe, STREAM_LIMITS } from '../../streams/client.ts'
import { createFrame, createSseEncoder, createWsEncoder, ownMembers } from '../../streams/frame.ts'

const setUp = (options: { heartbeat?: Uint8Array; expiresAt?: number } = {}) => {
  const sent: string[] = []
  const closed: string[] = []
  /** How many writes the connection takes before it is full. */
  let room = Number.POSITIVE_INFINITY
  let now = 1_000
  const pipe: Pipe = {
    heartbeat: options.heartbeat,
    write: (bytes) => {
      sent.push(Buffer.from(bytes).toString())
      room -= 1
      return room > 0
    },
    close: (reason) => closed.push(reason),
  }
  const counters = createStreamCounters()
  const client = createStreamClient({
    pipe,
    encoder: createWsEncoder(),
    subscriber: {
      sessionId: 's',
      player: undefined,
      board: { mode: 'full', intervalMs: undefined },
      principal: { kind: 'user', userId: 'u', name: '', roles: [], expiresAt: options.expiresAt ?? 10_000_000_000 },
    },
    counters,
    limits: STREAM_LIMITS,
    clock: { now: () => now, monotonic: () => now },
  })
  return {
    sent,
    closed,
    client,
    counters,
    take: (writes: number) => {
      room = writes
    },
    pass: (ms: number, isWithdrawn = false) => {
      now += ms
      client.sweep(now, now, () => isWithdrawn)
    },
  }
}

const event = (n: number, text = '') => createFrame('event', { n, text })
const state = (n: number, type = 'board') => createFrame(type, { n })
const numbers = (sent: readonly string[]) => sent.map((text) => JSON.parse(text).data.n)

t.test('frames are encoded once per protocol, with each client’s own members behind', async (t) => {
  const frame = createFrame('leaderboard.updated', { top: ['Ädä "x"\n'] }, 7)
  const own = [ownMembers({ me: { rank: 1 } }), '', ownMembers({ me: { name: 'Å'.repeat(500) } })]
  const ws = createWsEncoder()
  const sse = createSseEncoder()
  for (const members of own) {
    const expected = { top: ['Ädä "x"\n'], ...JSON.parse(`{${members.slice(1)}}`) }
    const message = Buffer.from(ws.encode(frame, members)).toString()
    t.same(JSON.parse(message), { type: 'leaderboard.updated', id: 7, data: expected })
    const text = Buffer.from(sse.encode(frame, members)).toString()
    const [head, id, data, ...rest] = text.split('\n')
    t.same([head, id, rest], ['event:leaderboard.updated', 'id:7', ['', '']])
    t.same(JSON.parse((data ?? '').slice('data:'.length)), expected)
  }
  t.equal(ws.encodings(), 1)
  t.equal(sse.encodings(), 1)
  t.equal(Buffer.from(sse.encode(createFrame('x', { a: 1 }), '')).toString(), 'event:x\ndata:{"a":1}\n\n')
})

t.test('a player’s own place is written into the frame, whatever its digits', async (t) => {
  const frame = createFrame('leaderboard.updated', { top: ['Å'] })
  const places = [0, 1, 9, 10, 99, 100, 12_345, 999_999_999, 1_000_000_000, 2 ** 31 - 1].map((score, index) => ({
    rank: 10 ** index % 2 ** 31,
    score,
  }))
  const ws = createWsEncoder()
  const sse = createSseEncoder()
  for (const me of places) {
    t.same(JSON.parse(Buffer.from(ws.encode(frame, me)).toString()).data, { top: ['Å'], me })
    const expected = `event:leaderboard.updated\ndata:{"top":["Å"],"me":{"rank":${me.rank},"score":${me.score}}}\n\n`
    t.equal(Buffer.from(sse.encode(frame, me)).toString(), expected)
    t.same(JSON.parse(Buffer.from(ws.encode(frame, '')).toString()).data, { top: ['Å'] })
  }
  t.equal(ws.encodings(), 1)
})

t.test('of the boards that a client could not take it gets the newest as it was then', async (t) => {
  const { client, sent, take } = setUp()
  take(1)
  client.send(event(1))
  const seat = { rank: 3, score: 10 }
  client.sendLatest(state(2), seat)
  seat.rank = 2
  take(10)
  client.flush()
  t.same(JSON.parse(sent[1] ?? '').data.me, { rank: 3, score: 10 })
})

t.test('a client that is behind gets all events in order, and of each state the newest', async (t) => {
  const { client, sent, counters, take } = setUp()
  client.send(event(1))
  take(1)
  client.send(event(2))
  client.send(event(3))
  client.sendLatest(state(4))
  client.sendLatest(state(5, 'lobby'))
  client.sendLatest(state(6))
  client.send(event(7))
  t.same(numbers(sent), [1, 2], 'full after the second')
  take(2)
  t.equal(client.flush(), false)
  t.same(numbers(sent), [1, 2, 3, 7])
  client.sendLatest(state(8))
  take(10)
  t.equal(client.flush(), true)
  t.same(numbers(sent), [1, 2, 3, 7, 8, 5])
  t.equal(client.flush(), undefined, 'nothing waited')
  t.match(counters, { deliveries: 6, stalls: 2, conflated: 2, closed: { slow: 0 } })
})

t.test('waiting copies survive further encodings', async (t) => {
  const { client, sent, take } = setUp()
  take(1)
  client.send(event(1))
  const frame = createFrame('event', { text: 'shared' })
  client.send(frame, ownMembers({ n: 2 }))
  client.send(frame, ownMembers({ n: 3 }))
  take(10)
  client.flush()
  t.same(numbers(sent), [1, 2, 3])
})

t.test('a client with more than 64 KiB of events waiting is closed', async (t) => {
  const { client, closed, counters, take } = setUp()
  take(1)
  client.send(event(1))
  for (let n = 2; n <= 7; n++) client.send(event(n, 'x'.repeat(10_000)))
  t.same(closed, [])
  client.send(event(8, 'x'.repeat(10_000)))
  t.same(closed, ['slow'])
  t.match(counters, { open: 0, paused: 0, closed: { slow: 1 } })
  t.equal(client.isOpen(), false)
  client.send(event(9))
  client.sendLatest(state(9))
  client.close('draining')
  t.same(closed, ['slow'], 'once')
})

t.test('a client that takes nothing for ten seconds is closed', async (t) => {
  const { client, closed, take, pass } = setUp()
  take(1)
  client.send(event(1))
  pass(9_000)
  t.same(closed, [])
  pass(2_000)
  t.same(closed, ['slow'])
})

t.test('what was sent before the end arrives before the end', async (t) => {
  const { client, sent, closed, take } = setUp()
  take(1)
  client.send(event(1))
  client.send(event(2))
  client.close('removed')
  t.same(numbers(sent), [1, 2])
  t.same(closed, ['removed'])
})

t.test('a stream ends with its token', async (t) => {
  const { closed, pass } = setUp({ expiresAt: 3 })
  pass(1_500)
  t.same(closed, [])
  pass(500)
  t.same(closed, ['token'])
})

t.test('a stream ends when the key of its token is withdrawn', async (t) => {
  const { closed, pass } = setUp()
  pass(1_000)
  t.same(closed, [])
  pass(1_000, true)
  t.same(closed, ['token'])
})

t.test('a heartbeat comes every 15 seconds where the protocol needs one', async (t) => {
  const { sent, pass } = setUp({ heartbeat: Buffer.from(':\n') })
  for (let second = 0; second < 60; second++) pass(1_000)
  t.ok(sent.length >= 3 && sent.length <= 5, `${sent.length}`)
  t.same(new Set(sent), new Set([':\n']))
})
