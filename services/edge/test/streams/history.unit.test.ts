import { create } from '@bufbuild/protobuf'
import t from 'tap'
import { type FeedMessage, FeedMessageSchema } from '#gen/feed_pb'
import { createLogger } from '#platform/logger'
import type { FeedEntry, FeedLog } from '../../sessions/feed.ts'
import { createFeedHistory, MAX_REPLAY, parsePosition } from '../../streams/history.ts'

const logger = createLogger({ service: 'edge', instance: 'test', level: 'silent' })

const message = (kind: 'sessionLocked' | 'playerLeft' | 'sessionFinished' = 'sessionLocked'): FeedMessage =>
  create(FeedMessageSchema, { sessionId: 's', event: { event: { case: kind, value: {} } }, state: {} })

/** A feed with one message at each of these positions. */
const createFeed = (positions: readonly number[], at: (position: number) => FeedMessage = () => message()) => {
  let reads = 0
  const next: FeedLog['next'] = async (_, after): Promise<FeedEntry | undefined> => {
    reads += 1
    const position = positions.find((stored) => stored > after)
    return position === undefined ? undefined : { position, previous: undefined, message: at(position) }
  }
  return {
    reads: () => reads,
    feed: { next, last: () => Promise.reject(new Error()), subscribe: () => () => undefined },
  }
}

const setUp = (stored: readonly number[], start: number) => {
  const { feed, reads } = createFeed(stored)
  const history = createFeedHistory({ sessionId: 's', feed, logger, start })
  const since = (position: number) => history.since(position)?.map((entry) => entry.position)
  return { history, reads, since }
}

t.test('messages that were heard are replayed without reading the stream', async (t) => {
  const { history, reads, since } = setUp([], 10)
  history.add(message(), 12)
  history.add(message('playerLeft'), 17)
  t.equal(history.add(message('sessionFinished'), 20), 'finished')
  for (const position of [10, 12, 17, 20]) t.equal(await history.reach(position), true)
  for (const position of [11, 13, 19])
    t.equal(await history.reach(position), false, `${position} is of another session`)
  t.same(since(10), [12, 17, 20])
  t.same(since(17), [20])
  t.same(since(20), [])
  t.same(
    history.since(10)?.map(({ frames }) => (typeof frames === 'object' ? frames.player.type : frames)),
    ['session.locked', undefined, 'finished'],
  )
  t.equal(reads(), 0)
})

t.test('older messages are read back once, for all clients that need them', async (t) => {
  const { history, reads, since } = setUp([2, 4, 6, 8], 8)
  history.add(message(), 9)
  t.same(await Promise.all([history.reach(4), history.reach(4), history.reach(4)]), [true, true, true])
  t.same(since(4), [6, 8, 9])
  const first = reads()
  t.equal(first, 3, 'the position itself, and one for each message')
  t.equal(await history.reach(6), true)
  t.equal(reads(), first)
  t.equal(await history.reach(2), true)
  t.same(since(2), [4, 6, 8, 9])
  t.equal(since(1), undefined)
})

t.test('clients from different positions at the same time get whole answers', async (t) => {
  const { history, since } = setUp([2, 4, 6, 8], 8)
  t.same(await Promise.all([6, 2, 4, 8].map(history.reach)), [true, true, true, true])
  t.same(since(2), [4, 6, 8])
  t.same(since(6), [8])
})

t.test('a position that another edge sent first is known, with nothing after it', async (t) => {
  const { history, since } = setUp([2, 4], 2)
  t.equal(await history.reach(4), true)
  t.same(since(4), [])
  t.equal(await history.reach(9), false)
})

t.test(`more than ${MAX_REPLAY} messages are not replayed`, async (t) => {
  const stored = Array.from({ length: MAX_REPLAY + 2 }, (_, index) => index + 1)
  const { history, since } = setUp(stored, stored.length)
  t.equal(await history.reach(1), false)
  t.equal(await history.reach(2), true)
  t.equal(since(2)?.length, MAX_REPLAY)
  history.add(message(), stored.length + 1)
  t.equal(since(2), undefined, 'the oldest makes room')
  t.equal(since(3)?.length, MAX_REPLAY)
})

t.test(
  `${MAX_REPLAY} events are replayed, however many messages that clients do not get lie between them`,
  async (t) => {
    const quiet = Array.from({ length: MAX_REPLAY * 3 }, (_, index) => index + 1)
    const { feed } = createFeed(quiet, (position) => message(position % 3 === 0 ? 'sessionLocked' : 'playerLeft'))
    const history = createFeedHistory({ sessionId: 's', feed, logger, start: quiet.length })
    t.equal(await history.reach(2), true)
    const visible = history.since(2)?.filter(({ frames }) => frames !== undefined)
    t.equal(visible?.length, MAX_REPLAY)
    history.add(message('playerLeft'), quiet.length + 1)
    t.equal(history.since(2)?.length, quiet.length - 1, 'another one of them makes no difference')
    history.add(message(), quiet.length + 2)
    t.equal(history.since(2), undefined)
  },
)

t.test('a feed that cannot be read is no error', async (t) => {
  const { feed } = createFeed([])
  const broken = { ...feed, next: () => Promise.reject(new Error('unavailable')) }
  const history = createFeedHistory({ sessionId: 's', feed: broken, logger, start: 5 })
  t.equal(await history.reach(3), false)
  t.equal(await history.reach(5), true)
})

t.test('what cannot be a position is refused', async (t) => {
  for (const text of [
    '',
    '0',
    '-1',
    '1e3',
    '1.5',
    ' 1',
    '1\n',
    '9223372036854775808',
    'x',
    '9'.repeat(10_000),
    null,
    {},
    [],
    NaN,
    1.5,
    2 ** 63,
  ]) {
    t.equal(parsePosition(text), undefined, String(text).slice(0, 20))
  }
  t.equal(parsePosition('17'), 17)
  t.equal(parsePosition(17), 17)
})
