import t from 'tap'
import { PodiumError } from '#platform/errors'
import { silentLogger } from '../../platform/test/support/process.ts'
import type { SessionKeys } from '../evaluate-answers.ts'
import { createKeyCache } from '../keys.ts'

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
  let unavailable = false
  const source = async (sessionIds: readonly string[]) => {
    asked.push(sessionIds)
    await new Promise((resolve) => setImmediate(resolve))
    if (unavailable) throw new PodiumError('unavailable')
    return new Map(sessionIds.filter((id) => !id.startsWith('x')).map((id) => [id, keysOf(10)]))
  }
  return {
    asked,
    load: createKeyCache(source, { maxQuestions, logger: silentLogger() }),
    setUnavailable: (value: boolean) => {
      unavailable = value
    },
  }
}

t.test('a session is read once', async (t) => {
  const { load, asked } = createCache()
  const [first] = (await load(['a'])).values()
  t.match(first, { questions: { length: 10 } })
  t.equal((await load(['a'])).get('a'), first)
  t.same(asked, [['a']])
})

t.test('all missing sessions of a call are read at once, and calls meanwhile wait for the same reading', async (t) => {
  const { load, asked } = createCache()
  const results = await Promise.all([load(['a', 'b']), load(['b', 'a']), load(['b', 'c'])])
  t.same(asked, [['a', 'b'], ['c']])
  for (const result of results) for (const outcome of result.values()) t.equal(typeof outcome, 'object')
})

t.test('an unknown session is asked for again, since it may be created later', async (t) => {
  const { load, asked } = createCache()
  t.same([...(await load(['x', 'a'])).keys()].sort(), ['a', 'x'])
  t.equal((await load(['x'])).get('x'), 'unknown-session')
  t.same(asked, [['x', 'a'], ['x']])
})

t.test('while the store is unavailable kept sessions are served and others are unavailable', async (t) => {
  const { load, setUnavailable } = createCache()
  await load(['a'])
  setUnavailable(true)
  const outcomes = await load(['a', 'b'])
  t.equal(typeof outcomes.get('a'), 'object')
  t.equal(outcomes.get('b'), 'unavailable')
  setUnavailable(false)
  t.equal(typeof (await load(['b'])).get('b'), 'object')
})

t.test('the least recently used sessions go when there are too many questions', async (t) => {
  const { load, asked } = createCache(20)
  await load(['a'])
  await load(['b'])
  await load(['a'])
  await load(['c'])
  asked.length = 0
  await load(['a', 'c'])
  t.same(asked, [], 'a was used after b')
  await load(['b'])
  t.same(asked, [['b']])
})

t.test('a session with more questions than all room is served but takes no place of others for ever', async (t) => {
  const { load, asked } = createCache(5)
  t.equal(typeof (await load(['a'])).get('a'), 'object')
  await load(['b'])
  await load(['a'])
  t.same(asked, [['a'], ['b'], ['a']])
})
