import t from 'tap'
import { createLogger } from '#platform/logger'
import { createRoster } from '../../board/roster.ts'

const logger = createLogger({ service: 'edge', instance: 'test', level: 'silent' })

const setUp = (answer: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>) => {
  const asked: string[][] = []
  let now = 0
  const roster = createRoster({
    sessionId: 's',
    clock: { now: () => now, monotonic: () => now },
    logger,
    source: {
      nicknames: (_, ids) => {
        asked.push([...ids])
        return answer(ids)
      },
    },
  })
  return {
    roster,
    asked,
    pass: (ms: number) => {
      now += ms
    },
  }
}

const named = async (ids: readonly string[]) => new Map(ids.map((id) => [id, `name of ${id}`]))

t.test('known names are not requested', async (t) => {
  const { roster, asked } = setUp(named)
  roster.learn('a', 'Ada')
  t.equal(await roster.ensure(['a'], 10), true)
  t.equal(await roster.ensure(['a', 'b'], 1_000), true)
  t.same(asked, [['b']])
  t.same([roster.name('a'), roster.name('b'), roster.name('c')], ['Ada', 'name of b', ''])
})

t.test('one request is under way at a time, and every wait is served', async (t) => {
  let release: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const { roster, asked } = setUp(async (ids) => {
    await gate
    return named(ids)
  })
  const waits = [roster.ensure(['a'], 1_000), roster.ensure(['a', 'b'], 1_000), roster.ensure(['c'], 1_000)]
  t.equal(asked.length, 1)
  release()
  t.same(await Promise.all(waits), [true, true, true])
  t.same(asked.flat().sort(), ['a', 'b', 'c'])
  t.ok(asked.length <= 2)
})

t.test('a late or failed request is not waited for, and not repeated at once', async (t) => {
  const { roster, asked, pass } = setUp(() => new Promise(() => undefined))
  t.equal(await roster.ensure(['a'], 5), false)
  const failing = setUp(() => Promise.reject(new Error('unavailable')))
  t.equal(await failing.roster.ensure(['a'], 1_000), false)
  t.equal(await failing.roster.ensure(['a'], 1_000), false)
  t.equal(failing.asked.length, 1)
  failing.pass(1_500)
  await failing.roster.ensure(['a'], 1_000)
  t.equal(failing.asked.length, 2)
  pass(0)
  t.equal(asked.length, 1)
})

t.test('an unknown player has no name, and is requested once', async (t) => {
  const { roster, asked } = setUp(async () => new Map())
  t.equal(await roster.ensure(['gone'], 1_000), true)
  t.equal(await roster.ensure(['gone'], 1_000), true)
  t.equal(roster.name('gone'), '')
  t.equal(asked.length, 1)
})
