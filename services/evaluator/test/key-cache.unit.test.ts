import t from 'tap'
import { PodiumError } from '#platform/errors'
import { silentLogger } from '../../platform/test/support/process.ts'
import { createKeyCache } from '../key-cache.ts'
import type { SessionKeys } from '../ports.ts'

const keysOf = (questions: number): SessionKeys => ({
  questions: Array.from({ length: questions }, (_, index) => ({
    index,
    questionId: `q${index}`,
    points: 1_000,
    timeLimitMs: 20_000,
    evaluate: undefined,
  })),
  rule: { name: 'speed', version: 1, streakBonus: false },
})

/** A source of sessions with ten questions each; the names of those that do not exist begin with x. */
const createCache = (maxQuestions = 1_000) => {
  const asked: (readonly string[])[] = []
  let away = false
  const source = async (sessionIds: readonly string[]) => {
    asked.push(sessionIds)
    await new Promise((resolve) => setImmediate(resolve))
    if (away) throw new PodiumError('unavailable')
    return new Map(sessionIds.filter((id) => !id.startsWith('x')).map((id) => [id, keysOf(10)]))
  }
  return {
    asked,
    cache: createKeyCache({ source, maxQuestions, logger: silentLogger() }),
    setAway: (value: boolean) => {
      away = value
    },
  }
}

t.test('a session is read once', async (t) => {
  const { cache, asked } = createCache()
  const [first] = (await cache.load(['a'])).values()
  t.match(first, { questions: { length: 10 } })
  t.equal((await cache.load(['a'])).get('a'), first)
  t.same(asked, [['a']])
})

t.test('all missing sessions of a call are read at once, and calls meanwhile wait for the same reading', async (t) => {
  const { cache, asked } = createCache()
  const results = await Promise.all([cache.load(['a', 'b']), cache.load(['b', 'a']), cache.load(['b', 'c'])])
  t.same(asked, [['a', 'b'], ['c']])
  for (const result of results) for (const outcome of result.values()) t.equal(typeof outcome, 'object')
})

t.test('an unknown session is asked for again, since it may yet come', async (t) => {
  const { cache, asked } = createCache()
  t.same([...(await cache.load(['x', 'a'])).keys()].sort(), ['a', 'x'])
  t.equal((await cache.load(['x'])).get('x'), 'unknown-session')
  t.same(asked, [['x', 'a'], ['x']])
})

t.test('while the store is unavailable kept sessions are served and others refused', async (t) => {
  const { cache, setAway } = createCache()
  await cache.load(['a'])
  setAway(true)
  const outcomes = await cache.load(['a', 'b'])
  t.equal(typeof outcomes.get('a'), 'object')
  t.equal(outcomes.get('b'), 'unavailable')
  setAway(false)
  t.equal(typeof (await cache.load(['b'])).get('b'), 'object')
})

t.test('the least recently used sessions go when there are too many questions', async (t) => {
  const { cache, asked } = createCache(20)
  await cache.load(['a'])
  await cache.load(['b'])
  await cache.load(['a'])
  await cache.load(['c'])
  asked.length = 0
  await cache.load(['a', 'c'])
  t.same(asked, [], 'a was used after b')
  await cache.load(['b'])
  t.same(asked, [['b']])
})

t.test('a session with more questions than all room is served but takes no place of others for ever', async (t) => {
  const { cache, asked } = createCache(5)
  t.equal(typeof (await cache.load(['a'])).get('a'), 'object')
  await cache.load(['b'])
  await cache.load(['a'])
  t.same(asked, [['a'], ['b'], ['a']])
})
