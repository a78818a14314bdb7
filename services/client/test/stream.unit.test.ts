import t from 'tap'
import { eventually } from '../../platform/test/support/eventually.ts'
import type { ConnectionHandlers } from '../src/connection.ts'
import { clientProblem } from '../src/problem.ts'
import type { StreamOptions } from '../src/stream.ts'
import { createStream } from '../src/stream.ts'

/** A stream over connections that the test plays by hand. */
const playedStream = (options: StreamOptions = {}) => {
  const attempts: (ConnectionHandlers & { lastEventId: string | undefined; sent: string[]; closed: boolean })[] = []
  const stream = createStream(
    (lastEventId, handlers) => {
      const attempt = { ...handlers, lastEventId, sent: [] as string[], closed: false }
      attempts.push(attempt)
      // As the transports do, a little after this returned.
      queueMicrotask(handlers.onOpen)
      return {
        send: (text) => attempt.sent.push(text) > 0,
        close: () => {
          attempt.closed = true
          handlers.onEnd({})
        },
      }
    },
    () => 0,
    { backoff: { baseMs: 1, maxMs: 4 }, ...options },
  )
  const attempt = async (index: number) => {
    await eventually(() => attempts.length > index, { what: `connection ${index} is opened` })
    const found = attempts[index]
    if (found === undefined) throw new Error('no such connection')
    return found
  }
  return { stream, attempts, attempt }
}

const snapshot = (id: string, more: object = {}) => ({
  type: 'session.snapshot',
  id,
  data: { now: Date.now(), leaderboard: { version: 1, playerCount: 0, top: [] }, ...more },
})

t.test('a lost connection comes back after the last position it had', async (t) => {
  const { stream, attempts, attempt } = playedStream()
  t.teardown(stream.close)
  const statuses: string[] = []
  stream.onStatus((status) => statuses.push(status))
  const connected = stream.connect()
  const first = await attempt(0)
  t.equal(first.lastEventId, undefined)
  first.onMessage(snapshot('7', { title: 'English' }))
  t.match(await connected, { title: 'English' })
  first.onMessage({ type: 'question.opened', id: '9', data: {} })
  first.onMessage({ type: 'leaderboard.updated', data: { version: 1, playerCount: 0, top: [] } })
  first.onEnd({})
  const second = await attempt(1)
  t.equal(second.lastEventId, '9')
  second.onMessage(snapshot('12'))
  t.equal(stream.lastEventId, '12')
  t.equal(stream.reconnects, 1)
  t.strictSame(statuses, ['connecting', 'open', 'waiting', 'connecting', 'open'])
  t.equal(attempts.length, 2)
})

t.test('an event with a position that was seen is not shown again', async (t) => {
  const { stream, attempt } = playedStream()
  t.teardown(stream.close)
  const seen: string[] = []
  stream.on('*', ({ type, id }) => seen.push(`${type} ${id}`))
  void stream.connect()
  const { onMessage } = await attempt(0)
  onMessage(snapshot('10'))
  for (const id of ['9', '10', '11', '11']) onMessage({ type: 'question.closed', id, data: {} })
  onMessage(snapshot('14'))
  for (const id of ['12', '14', '15']) onMessage({ type: 'question.closed', id, data: {} })
  t.strictSame(seen, ['session.snapshot 10', 'question.closed 11', 'session.snapshot 14', 'question.closed 15'])
})

t.test(
  'a snapshot of a server that lags behind is not shown, unless one connection after another insists',
  async (t) => {
    const { stream, attempts, attempt } = playedStream()
    t.teardown(stream.close)
    const seen: string[] = []
    stream.on('*', ({ type, id }) => seen.push(`${type} ${id}`))
    void stream.connect()
    const first = await attempt(0)
    first.onMessage(snapshot('10'))
    first.onMessage({ type: 'question.closed', id: '11', data: {} })
    first.onEnd({})
    for (const index of [1, 2]) {
      const lagging = await attempt(index)
      t.equal(lagging.lastEventId, '11')
      lagging.onMessage(snapshot('5'))
      t.ok(lagging.closed)
    }
    const last = await attempt(3)
    last.onMessage(snapshot('5'))
    last.onMessage({ type: 'question.closed', id: '6', data: {} })
    t.equal(attempts.length, 4)
    t.strictSame(seen, ['session.snapshot 10', 'question.closed 11', 'session.snapshot 5', 'question.closed 6'])
  },
)

t.test('a fresh connection asks for the time at once; one that resumes does not come between', async (t) => {
  const { stream, attempt } = playedStream()
  t.teardown(stream.close)
  void stream.connect()
  const first = await attempt(0)
  await eventually(() => first.sent.length === 1, { what: 'the first message' })
  t.match(JSON.parse(first.sent[0] ?? ''), { type: 'time', ref: '1' })
  first.onMessage(snapshot('3', { now: 50_000 }))
  t.ok(Math.abs(stream.serverNow() - 50_000) < 100, 'the snapshot is a first idea of the time')
  const reply = (ref: string, now: number) => first.onMessage({ type: 'time', ref, data: { now } })
  reply('1', 50_000)
  reply(JSON.parse(first.sent[1] ?? '').ref, 90_000)
  await eventually(() => Math.abs(stream.serverNow() - 90_000) < 500, { what: 'a measured time counts more' })
  first.onEnd({})
  const second = await attempt(1)
  t.strictSame(second.sent, [])
  second.onMessage({ type: 'stream.resumed', data: { replayed: 0 } })
  t.match(JSON.parse(second.sent[0] ?? ''), { type: 'time' })
})

t.test('the server says when to come back, and waking up does not wait', async (t) => {
  const { stream, attempts, attempt } = playedStream()
  t.teardown(stream.close)
  void stream.connect()
  const first = await attempt(0)
  first.onMessage(snapshot('1'))
  const asked = Date.now()
  first.onEnd({ retryAfterMs: 80 })
  const second = await attempt(1)
  t.ok(Date.now() - asked >= 75, 'the hint was honoured')
  second.onMessage(snapshot('2'))
  second.onEnd({ retryAfterMs: 60_000 })
  t.equal(stream.status, 'waiting')
  stream.wake()
  t.equal(attempts.length, 3)
})

t.test('a permanent refusal ends the stream and rejects all waiters', async (t) => {
  const { stream, attempt } = playedStream()
  const connected = stream.connect()
  const waiting = stream.next('question.opened')
  const { onEnd } = await attempt(0)
  onEnd({ problem: clientProblem('client-refused', 'closed with 4509') })
  await t.rejects(connected, { code: 'client-refused' })
  await t.rejects(waiting, { code: 'client-refused' })
  t.match(await stream.ended, { code: 'client-refused' })
  t.equal(stream.status, 'closed')
})

t.test('a removed player does not reconnect', async (t) => {
  const { stream, attempts, attempt } = playedStream()
  void stream.connect()
  const { onMessage } = await attempt(0)
  onMessage(snapshot('1'))
  onMessage({ type: 'player.removed', data: { at: 1 } })
  t.match(await stream.ended, { code: 'player-removed' })
  t.ok(attempts[0]?.closed)
  t.equal(attempts.length, 1)
})

t.test('a silent connection is asked for a sign of life and then given up', async (t) => {
  const { stream, attempt } = playedStream({ silenceMs: 60 })
  t.teardown(stream.close)
  void stream.connect()
  const first = await attempt(0)
  first.onMessage(snapshot('1'))
  await attempt(1)
  t.ok(first.sent.every((text) => JSON.parse(text).type === 'time'))
  t.ok(first.closed)
})

t.test(
  'requests: a reply finds its ref, a refusal is a problem, a lost connection fails what is under way',
  async (t) => {
    const { stream, attempt } = playedStream()
    t.teardown(stream.close)
    void stream.connect()
    const { onMessage, onEnd, sent } = await attempt(0)
    onMessage(snapshot('1'))
    const ask = (choice: number) => stream.request('answer', { choice }, 1_000)
    const [a, b, c] = [ask(0), ask(1), ask(2)] as const
    const refs = sent.map((text) => JSON.parse(text)).flatMap(({ type, ref }) => (type === 'answer' ? [ref] : []))
    onMessage({ type: 'error', ref: refs[1], data: { code: 'already-answered', status: 400, traceId: 'f' } })
    onMessage({ type: 'answer.accepted', ref: refs[0], data: { receivedAt: 5 } })
    onEnd({})
    t.strictSame(await a, { receivedAt: 5 })
    await t.rejects(b, { code: 'already-answered', status: 400, traceId: 'f' })
    await t.rejects(c, { code: 'client-network' })
    await t.rejects(stream.request('answer', {}, 20), { code: 'client-network' })
  },
)

t.test('a listener that throws stops neither the stream nor the other listeners', async (t) => {
  const { stream, attempt } = playedStream()
  t.teardown(stream.close)
  const uncaught = t.capture(process, 'emit', () => true)
  void stream.connect()
  const { onMessage } = await attempt(0)
  let calls = 0
  stream.on('lobby.updated', () => {
    throw new Error('fault of the app')
  })
  stream.on('lobby.updated', () => calls++)
  const off = stream.on('lobby.updated', () => calls++)
  onMessage({ type: 'lobby.updated', data: {} })
  off()
  onMessage({ type: 'lobby.updated', data: {} })
  t.equal(calls, 3)
  await eventually(() => uncaught().filter(({ args }) => args[0] === 'uncaughtException').length === 2)
})

t.test('next waits for the event that fits, and not for ever', async (t) => {
  const { stream, attempt } = playedStream()
  t.teardown(stream.close)
  void stream.connect()
  const { onMessage } = await attempt(0)
  const second = stream.next('question.opened', { where: ({ index }) => index === 1 })
  onMessage({ type: 'question.opened', id: '1', data: { index: 0 } })
  onMessage({ type: 'question.opened', id: '2', data: { index: 1 } })
  t.match(await second, { id: '2' })
  await t.rejects(stream.next('session.finished', { timeoutMs: 5 }), { code: 'client-timeout' })
})

t.test('a status comes with its reason', async (t) => {
  const { stream, attempt } = playedStream()
  const statuses: [string, string | undefined][] = []
  stream.onStatus((status, problem) => statuses.push([status, problem?.code]))
  stream.connect().catch(() => undefined)
  const first = await attempt(0)
  first.onMessage(snapshot('1'))
  first.onEnd({ reason: clientProblem('client-timeout', 'silent') })
  const second = await attempt(1)
  second.onEnd({})
  const third = await attempt(2)
  third.onMessage(snapshot('2'))
  t.equal(stream.problem, undefined)
  third.onEnd({ problem: clientProblem('player-removed', 'removed') })
  t.strictSame(statuses, [
    ['connecting', undefined],
    ['open', undefined],
    ['waiting', 'client-timeout'],
    ['connecting', 'client-timeout'],
    ['waiting', 'client-network'],
    ['connecting', 'client-network'],
    ['open', undefined],
    ['closed', 'player-removed'],
  ])
  t.match(stream.problem, { code: 'player-removed' })
})

t.test('a change to a board that is not known makes it connect again', async (t) => {
  const { stream, attempt } = playedStream()
  const events: string[] = []
  stream.on('*', ({ type }) => events.push(type))
  void stream.connect()
  const first = await attempt(0)
  first.onMessage(snapshot('1'))
  first.onMessage({ type: 'leaderboard.changed', data: { version: 2, playerCount: 1, order: ['ada'], changed: [] } })
  t.ok(first.closed)
  t.equal((await attempt(1)).lastEventId, '1')
  t.same(events, ['session.snapshot'])
  stream.close()
})
