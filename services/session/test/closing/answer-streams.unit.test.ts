import t from 'tap'
import { PodiumError } from '#platform/errors'
import type { Publisher, PublishOutcome } from '#platform/publisher'
import { silentLogger } from '../../../platform/test/support/process.ts'
import { createAnswerStreams } from '../../closing/answer-streams.ts'

const SESSION = '00000000-0000-7000-8000-000000000001'
const TICK_MS = 100

/** One partition, whose PubAcks come when the test says so. */
const createWorld = () => {
  const clock = { at: 0, now: () => 1_000_000 + clock.at, monotonic: () => clock.at }
  const waiting: { store: () => void; refuse: () => void }[] = []
  const publisher: Publisher = {
    pending: () => waiting.length,
    publish: () =>
      new Promise<PublishOutcome>((resolve, reject) => {
        waiting.push({
          store: () => resolve({ kind: 'stored', sequence: 1 }),
          refuse: () => reject(new PodiumError('unavailable')),
        })
      }),
  }
  let tick: (() => void) | undefined
  let published = 0
  const streams = createAnswerStreams({
    ...{ publisher, partitions: 1, clock, logger: silentLogger() },
    every: (_, each) => {
      tick = each
      return () => {
        tick = undefined
      }
    },
  })
  const outages: { sessionId: string; fromMs: number; atMs: number }[] = []
  streams.onOutageOver(async (sessionId, from) => {
    outages.push({ sessionId, fromMs: from - 1_000_000, atMs: clock.at })
  })
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
  const settle = async (how: 'store' | 'refuse'): Promise<void> => {
    published += waiting.length
    for (const message of waiting.splice(0)) message[how]()
    await settled()
  }
  return {
    streams,
    clock,
    outages,
    settle,
    settled,
    isWatching: () => tick !== undefined,
    published: () => published,
    /** Lets time pass; what is published meanwhile waits, is stored or is refused. */
    pass: async (ms: number, how?: 'store' | 'refuse'): Promise<void> => {
      for (const end = clock.at + ms; clock.at < end; ) {
        clock.at += TICK_MS
        tick?.()
        if (how !== undefined) await settle(how)
      }
    },
  }
}

t.test('while messages are stored there is no outage, and no message without an open question', async (t) => {
  const world = createWorld()
  world.streams.watch(SESSION, 1_003_000)
  await world.pass(3_000, 'store')
  const { published } = world
  t.ok(published() >= 5, 'about two a second')
  await world.pass(2_000, 'store')
  const before = published()
  t.notOk(world.isWatching())
  await world.pass(5_000, 'store')
  t.equal(published(), before)
  t.same(world.outages, [])
})

for (const how of [undefined, 'refuse'] as const) {
  t.test(
    `a stream that ${how === undefined ? 'does not answer' : 'refuses'} has an outage, since its last PubAck`,
    async (t) => {
      const world = createWorld()
      world.streams.watch(SESSION, 1_060_000)
      await world.pass(2_000, 'store')
      const before = world.clock.at
      await world.pass(6_000, how)
      t.same(world.outages, [], 'it is not over yet')
      await world.pass(500, 'store')
      t.equal(world.outages.length, 1)
      const [outage] = world.outages
      t.match(outage, { sessionId: SESSION })
      t.ok(
        (outage?.fromMs ?? 0) <= before && (outage?.fromMs ?? 0) >= before - 500,
        'no later, and a beat earlier at most',
      )
      await world.pass(5_000, 'store')
      t.equal(world.outages.length, 1)
    },
  )
}

t.test('less than a second is none, and neither is the time in which this process itself stood still', async (t) => {
  const world = createWorld()
  world.streams.watch(SESSION, 1_060_000)
  await world.pass(1_000, 'store')
  await world.pass(900)
  await world.settle('store')
  await world.pass(500)
  // No tick, and the PubAck waits in a socket that is not read.
  world.clock.at += 30_000
  await world.pass(100)
  await world.settle('store')
  await world.pass(1_000, 'store')
  t.same(world.outages, [])
})

t.test('the stream takes messages when one is stored, and not before what it took is given back', async (t) => {
  const world = createWorld()
  const first = world.streams.takes(SESSION)
  await world.settle('refuse')
  t.equal(await first, false)
  const second = world.streams.takes(SESSION)
  await world.settle('store')
  t.equal(await second, true)

  world.streams.watch(SESSION, 1_060_000)
  await world.settle('store')
  await world.pass(900)
  t.equal(await world.streams.takes(SESSION), false, 'no PubAck for some time')
  await world.pass(600)
  const { promise: given, resolve: give } = Promise.withResolvers<void>()
  world.streams.onOutageOver(() => given)
  await world.settle('store')
  t.equal(await world.streams.takes(SESSION), false, 'the outage is over and not given back')
  give()
  await world.settled()
  const third = world.streams.takes(SESSION)
  await world.settle('store')
  t.equal(await third, true)
})

t.test('a session that cannot be extended holds up no other', async (t) => {
  const world = createWorld()
  const OTHER = SESSION.replace(/1$/, '2')
  const extended: string[] = []
  world.streams.onOutageOver(async (sessionId) => {
    if (sessionId === SESSION) throw new PodiumError('unavailable')
    extended.push(sessionId)
  })
  for (const sessionId of [SESSION, OTHER]) world.streams.watch(sessionId, 1_060_000)
  await world.pass(3_000)
  await world.settle('store')
  t.same(extended, [OTHER])
  const takes = world.streams.takes(SESSION)
  await world.settle('store')
  t.equal(await takes, true)
})
