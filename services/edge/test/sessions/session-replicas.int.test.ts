import { create } from '@bufbuild/protobuf'
import { jetstreamManager } from '@nats-io/jetstream'
import t, { type Test } from 'tap'
import { FeedMessageSchema } from '#gen/feed_pb'
import { systemClock } from '#platform/clock'
import { newId } from '#platform/ids'
import { createLogger } from '#platform/logger'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { startNats } from '../../../platform/test/support/nats.ts'
import { createFeedLog, createNatsLink, type FeedLog } from '../../sessions/feed.ts'
import { createSessionReplicas } from '../../sessions/session-replicas.ts'
import { createSessionSource } from '../../sessions/session-source.ts'
import { connectForTest } from '../support/edge.ts'
import { createTestSession, serve } from '../support/session.ts'

const logger = createLogger({ service: 'edge', instance: 'test', level: 'silent' })

/** The real feed, of which some live messages get lost on their way. */
const lossy = (feed: FeedLog, isLost: (position: number) => boolean): FeedLog => ({
  ...feed,
  subscribe: (sessionId, listener) =>
    feed.subscribe(sessionId, (entry) => {
      if (!isLost(entry.position)) listener(entry)
    }),
})

t.test('session replicas', async (t) => {
  const server = await startNats(t, { streams: true })
  const nats = await connectForTest(t, server.url)
  const manager = await jetstreamManager(nats, { checkAPI: false })
  const bus = {
    feed: createFeedLog({ nats, manager, logger }),
    sessions: createSessionSource({ nats }),
    link: createNatsLink(nats),
  }

  const start = (t: Test, options: Partial<Parameters<typeof createSessionReplicas>[0]> = {}) => {
    const replicas = createSessionReplicas({ ...bus, clock: systemClock, logger, ...options })
    t.teardown(replicas.close)
    const heard: number[] = []
    replicas.onFeed((_, { epoch }) => heard.push(epoch))
    return { replicas, heard }
  }
  const locked = { case: 'sessionLocked', value: {} } as const

  await t.test('a session is loaded from the feed and moves with it', async (t) => {
    const { replicas, heard } = start(t)
    const session = createTestSession(nats, 'host-1')
    await session.publish({ case: 'sessionCreated', value: {} })
    const position = await session.publish(locked, { playerCount: 3 })
    const replica = await replicas.get(session.sessionId)
    t.match(replica, {
      position,
      playerCount: 3,
      state: { epoch: 2, status: 'lobby' },
      internal: { hostUserId: 'host-1' },
    })
    const opened = await session.open(0)
    await eventually(() => replica?.position === opened)
    t.equal(replica?.state.status, 'question_open')
    t.equal(await replicas.get(session.sessionId), replica, 'it stays the same object')
    t.same(heard, [3], 'the state it was loaded with is no news')
  })

  await t.test('holes are filled, in order, and nothing is applied twice', async (t) => {
    const lost = new Set<number>()
    const { replicas, heard } = start(t, { feed: lossy(bus.feed, (position) => lost.has(position)) })
    const session = createTestSession(nats)
    const first = await session.publish({ case: 'sessionCreated', value: {} })
    const replica = await replicas.get(session.sessionId)
    for (const offset of [1, 3, 4, 5, 8]) lost.add(first + offset)
    for (let n = 0; n < 10; n++) await session.publish(locked)
    await eventually(() => replica?.state.epoch === 11)
    t.same(heard, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    t.equal((await replicas.get(session.sessionId))?.position, first + 10)
  })

  await t.test('messages between subscribing and loading are not lost', async (t) => {
    const session = createTestSession(nats)
    const slow: FeedLog = {
      ...bus.feed,
      last: async (sessionId) => {
        const last = await bus.feed.last(sessionId)
        for (let n = 0; n < 3; n++) await session.publish(locked)
        return last
      },
    }
    const { replicas, heard } = start(t, { feed: slow })
    await session.publish({ case: 'sessionCreated', value: {} })
    t.match(await replicas.get(session.sessionId), { state: { epoch: 4 } })
    t.same(heard, [2, 3, 4])
  })

  await t.test('a silent loss is noticed when a transition is overdue', async (t) => {
    let isLosing = false
    let now = Date.now()
    const clock = { now: () => now, monotonic: systemClock.monotonic }
    const { replicas } = start(t, { feed: lossy(bus.feed, () => isLosing), clock })
    const session = createTestSession(nats)
    await session.open(0, { timeLimitMs: 100 })
    const replica = await replicas.get(session.sessionId)
    isLosing = true
    await session.close()
    now += 10_000
    await eventually(() => replica?.state.status === 'question_closed', { timeoutMs: 8_000 })
  })

  await t.test('an unknown session is asked for once a second', async (t) => {
    const asked = serve(nats, 'session-get', () => ({ case: 'problem', value: { code: 'not-found' } }))
    const { replicas } = start(t)
    const unknown = newId()
    for (let n = 0; n < 20; n++) t.equal(await replicas.get(unknown), undefined)
    t.equal(asked.calls.length, 1)
    await eventually(async () => (await replicas.get(unknown)) === undefined && asked.calls.length === 2)
    asked.stop()
  })

  await t.test('a session whose feed has expired comes from the session service', async (t) => {
    const session = createTestSession(nats)
    const source = serve(nats, 'session-get', () => ({
      case: 'session',
      value: create(FeedMessageSchema, session.message({ case: 'sessionFinished', value: {} })),
    }))
    const { replicas } = start(t)
    const replica = await replicas.get(session.sessionId)
    t.match(replica, { sessionId: session.sessionId, position: 0 })
    const position = await session.publish(locked)
    await eventually(() => replica?.position === position)
    source.stop()
  })

  await t.test('without the session service a known session is there, an unknown one is unavailable', async (t) => {
    const { replicas } = start(t)
    const session = createTestSession(nats)
    await session.publish(locked)
    t.ok(await replicas.get(session.sessionId))
    await t.rejects(replicas.get(newId()), { code: 'unavailable' })
  })

  await t.test('the number of players is the newest known', async (t) => {
    const session = createTestSession(nats)
    const source = serve(nats, 'session-get', () => {
      const message = session.message(locked)
      return {
        case: 'session',
        value: create(FeedMessageSchema, {
          ...message,
          state: { ...message.state, playerCount: 5 },
          internal: { ...message.internal, countedAtMs: 50 },
        } as never),
      }
    })
    const { replicas } = start(t)
    await session.publish(locked)
    t.equal((await replicas.get(session.sessionId))?.playerCount, 5, 'as the session says')
    replicas.notePlayerCount(session.sessionId, { playerCount: 6, countedAtMs: 60 })
    t.equal(replicas.peek(session.sessionId)?.playerCount, 6, 'as the lobby says, or the reply to a join')
    replicas.notePlayerCount(session.sessionId, { playerCount: 4, countedAtMs: 59 })
    t.equal(replicas.peek(session.sessionId)?.playerCount, 6, 'an older count comes later')
    const position = await session.publish(locked, { playerCount: 4 }, { countedAtMs: 55 })
    await eventually(() => replicas.peek(session.sessionId)?.position === position)
    t.equal(replicas.peek(session.sessionId)?.playerCount, 6, 'the feed is older than the reply')
    source.stop()
    const early = start(t).replicas
    early.onOpen((sessionId) => {
      queueMicrotask(() => {
        early.notePlayerCount(sessionId, { playerCount: 7, countedAtMs: 70 })
        early.notePlayerCount(sessionId, { playerCount: 3, countedAtMs: 65 })
      })
      return () => undefined
    })
    t.equal((await early.get(session.sessionId))?.playerCount, 7, 'also when the lobby was quicker')
  })

  await t.test('an unused replica is dropped, a retained one stays', async (t) => {
    let passed = 0
    const clock = { now: systemClock.now, monotonic: () => systemClock.monotonic() + passed }
    const { replicas } = start(t, { clock, maxReplicas: 2 })
    const open = new Set<string>()
    replicas.onOpen((sessionId) => {
      open.add(sessionId)
      return () => open.delete(sessionId)
    })
    const [kept, idle, third] = [createTestSession(nats), createTestSession(nats), createTestSession(nats)]
    for (const session of [kept, idle, third]) await session.publish(locked)
    await replicas.get(kept.sessionId)
    const release = replicas.retain(kept.sessionId)
    await replicas.get(idle.sessionId)
    await t.rejects(replicas.get(third.sessionId), { code: 'unavailable' }, 'no room while both are in use')
    passed += 2_000
    t.ok(await replicas.get(third.sessionId), 'one that is idle makes room')
    t.same([...open].toSorted(), [kept.sessionId, third.sessionId].toSorted())
    passed += 2_000
    release()
    release()
    t.ok(replicas.peek(kept.sessionId))
    passed += 2_000
    t.ok(await replicas.get(idle.sessionId))
    t.equal(replicas.peek(kept.sessionId), undefined, 'released and idle')
  })

  await t.test('after a reconnect every replica catches up by itself', async (t) => {
    let isLosing = false
    const { replicas, heard } = start(t, { feed: lossy(bus.feed, () => isLosing) })
    const session = createTestSession(nats)
    await session.publish({ case: 'sessionCreated', value: {} })
    const replica = await replicas.get(session.sessionId)
    isLosing = true
    await session.publish(locked)
    await session.publish(locked)
    await nats.reconnect()
    await eventually(() => replica?.state.epoch === 3)
    t.same(heard, [2, 3])
    await eventually(async () => (await replicas.get(session.sessionId)) === replica)
  })
})
