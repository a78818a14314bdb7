import t from 'tap'
import { PodiumError } from '#platform/errors'
import { type Applied, type BoardStore, type BoardVersion, createBoards, type NewEpoch } from '../boards.ts'
import { totalsWith } from './support/totals.ts'

/** Boards that only know their versions; a session that is not in the map is lost. */
const createTestBoards = (
  ledger: (sessionId: string) => NewEpoch | 'unknown-session' | 'unavailable',
  options?: Parameters<typeof createBoards>[3],
) => {
  const versions = new Map<string, BoardVersion>()
  const announced: string[] = []
  const epochsBegun: string[] = []
  const checked: string[] = []
  const describe = ({ epoch, from, to }: Omit<Applied, 'changed'>) => `${epoch}: ${from}-${to}`
  const store: BoardStore = {
    apply: async (sessionId, totals) => {
      const known = versions.get(sessionId)
      if (known === undefined) return 'lost'
      const version = known.version + 1
      versions.set(sessionId, { ...known, version })
      return { epoch: known.epoch, from: known.version, to: version, changed: totals }
    },
    rebuild: async (sessionId, epoch) => {
      const version = versions.get(sessionId) ?? { epoch, version: 1 }
      versions.set(sessionId, version)
      return version
    },
    read: async (sessionId) => {
      const known = versions.get(sessionId)
      return known === undefined ? 'lost' : { ...known, totals: [] }
    },
    check: async (sessionIds) => {
      checked.push(...sessionIds)
      return sessionIds.map((sessionId) => versions.get(sessionId) ?? 'lost')
    },
    drop: async (sessionId) => void versions.delete(sessionId),
  }
  const boards = createBoards(
    store,
    async (sessionId) => {
      epochsBegun.push(sessionId)
      await new Promise((resolve) => setImmediate(resolve))
      return ledger(sessionId)
    },
    (sessionId, applied) => announced.push(`${sessionId} ${describe(applied)}`),
    options,
  )
  return { ...boards, versions, announced, epochsBegun, checked }
}

const empty = (epoch: number) => (): NewEpoch => ({ epoch, totals: [] })

t.test('all callers that need a lost board at the same time wait for one rebuild', async (t) => {
  const { apply, read, epochsBegun, announced } = createTestBoards(empty(3))
  await Promise.all([apply('s', [totalsWith()]), apply('s', [totalsWith()]), read('s')])
  t.same(epochsBegun, ['s'])
  t.ok(announced.includes('s 3: 1-2') && announced.includes('s 3: 2-3'), String(announced))
})

t.test('more players than one call takes are applied in several', async (t) => {
  const { apply, announced } = createTestBoards(empty(1))
  await apply(
    's',
    Array.from({ length: 2_500 }, () => totalsWith()),
  )
  t.same(announced, ['s 1: 1-2', 's 1: 2-3', 's 1: 3-4'])
})

t.test('an unknown session, and unavailable Postgres, differ from an unavailable board store', async (t) => {
  const unknown = createTestBoards(() => 'unknown-session')
  t.equal(await unknown.apply('s', [totalsWith()]), 'unknown-session')
  t.equal(await unknown.read('s'), 'unknown-session')
  const noPostgres = createTestBoards(() => 'unavailable')
  t.equal(await noPostgres.apply('s', [totalsWith()]), 'unavailable')
  await t.rejects(noPostgres.read('s'), new PodiumError('unavailable'))
})

t.test('watching rebuilds a lost board and announces it', async (t) => {
  const { apply, watch, versions, announced } = createTestBoards(empty(7))
  await apply('s', [totalsWith()])
  versions.clear()
  announced.length = 0
  await watch()
  t.same(announced, ['s 7: 1-1'])
  await watch()
  t.same(announced, ['s 7: 1-1'], 'once')
})

t.test('watching announces a board once when it has come to rest, and not while it moves', async (t) => {
  const { apply, watch, announced } = createTestBoards(empty(1))
  await apply('s', [totalsWith()])
  await watch()
  await apply('s', [totalsWith()])
  await watch()
  t.same(announced, ['s 1: 1-2', 's 1: 2-3'], 'only the deltas so far')
  await watch()
  await watch()
  t.same(announced, ['s 1: 1-2', 's 1: 2-3', 's 1: 3-3'])
})

t.test('after a reconnect every board is announced once more', async (t) => {
  const { apply, watch, forgetAnnouncements, announced } = createTestBoards(empty(1))
  await apply('s', [totalsWith()])
  await watch()
  await watch()
  forgetAnnouncements()
  announced.length = 0
  await watch()
  await watch()
  t.same(announced, ['s 1: 2-2'])
})

t.test('a board is watched until it is unused for the time limit, at most so many of them', async (t) => {
  let now = 1
  const { read, watch, checked } = createTestBoards(empty(1), {
    recentMs: 1_000,
    maxRecent: 2,
    now: { now: () => now },
  })
  const watched = async (): Promise<string> => {
    checked.length = 0
    await watch()
    return checked.toSorted().join(' ')
  }
  await read('a')
  now = 601
  await read('b')
  await read('a')
  now = 1_601
  t.equal(await watched(), 'a b')
  await read('b')
  now = 1_603
  t.equal(await watched(), 'b')
  for (const sessionId of ['a', 'b', 'c']) await read(sessionId)
  t.equal(await watched(), 'b c', 'the one unused for longest is forgotten')
})

t.test('replacing builds a board that is there from the ledger, under a new epoch', async (t) => {
  const { apply, replace, announced, epochsBegun } = createTestBoards(empty(2))
  await apply('s', [totalsWith()])
  announced.length = 0
  t.same(await replace('s'), { epoch: 2, version: 1 })
  t.same(announced, ['s 2: 1-1'])
  t.equal(epochsBegun.length, 2)
})
