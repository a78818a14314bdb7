import t from 'tap'
import { createLogger } from '#platform/logger'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createRoster } from '../../board/roster.ts'
import { createLobby, LOBBY_INTERVAL_MS } from '../../streams/lobby.ts'

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

t.test('known names are not asked for', async (t) => {
  const { roster, asked } = setUp(named)
  roster.learn('a', 'Ada')
  t.equal(await roster.ensure(['a'], 10), true)
  t.equal(await roster.ensure(['a', 'b'], 1_000), true)
  t.same(asked, [['b']])
  t.same([roster.name('a'), roster.name('b'), roster.name('c')], ['Ada', 'name of b', ''])
})

t.test('one request is under way at a time, and everybody who waits is served', async (t) => {
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

t.test('an answer that is late or does not come is not waited for, and not asked for at once again', async (t) => {
  const { roster, asked, pass } = setUp(() => new Promise(() => undefined))
  t.equal(await roster.ensure(['a'], 5), false)
  const failing = setUp(() => Promise.reject(new Error('away')))
  t.equal(await failing.roster.ensure(['a'], 1_000), false)
  t.equal(await failing.roster.ensure(['a'], 1_000), false)
  t.equal(failing.asked.length, 1)
  failing.pass(1_500)
  await failing.roster.ensure(['a'], 1_000)
  t.equal(failing.asked.length, 2)
  pass(0)
  t.equal(asked.length, 1)
})

t.test('somebody whom nobody knows has no name, and is asked for once', async (t) => {
  const { roster, asked } = setUp(async () => new Map())
  t.equal(await roster.ensure(['gone'], 1_000), true)
  t.equal(await roster.ensure(['gone'], 1_000), true)
  t.equal(roster.name('gone'), '')
  t.equal(asked.length, 1)
})

t.test('the lobby speaks at once, then at intervals, with the newest count and at most 50 names', async (t) => {
  const sent: { playerCount: number; joined: string[]; left: string[] }[] = []
  const lobby = createLobby((frame) => sent.push(JSON.parse(`${frame.head}}`)))
  t.teardown(lobby.close)
  lobby.add({ playerCount: 1, joined: ['Ada'], left: [] })
  t.same(sent, [{ playerCount: 1, joined: ['Ada'], left: [] }])
  for (let count = 2; count <= 101; count++) lobby.add({ playerCount: count, joined: [`P${count}`], left: [] })
  lobby.add({ playerCount: 100, joined: [], left: ['Ada'] })
  t.equal(sent.length, 1)
  const began = performance.now()
  await eventually(() => sent.length === 2)
  t.ok(performance.now() - began >= LOBBY_INTERVAL_MS - 50)
  t.match(sent[1], { playerCount: 100, left: ['Ada'] })
  t.equal(sent[1]?.joined.length, 50)
  t.equal(sent[1]?.joined.at(-1), 'P101')
})
