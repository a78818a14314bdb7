import t from 'tap'
import { PodiumError } from '#platform/errors'
import { createBoardKeeping } from '../board-keeping.ts'
import type { Applied, Boards, BoardVersion, LedgerContent } from '../ports.ts'
import { createRecentBoards } from '../recent-boards.ts'
import { standingOf } from './support/standings.ts'

/** Boards that only know their versions; a session that is not in the map is lost. */
const createKeeping = (ledger: (sessionId: string) => LedgerContent | 'unknown-session' | 'unavailable') => {
  const versions = new Map<string, BoardVersion>()
  const announced: string[] = []
  const epochsBegun: string[] = []
  const describe = ({ epoch, from, to }: Omit<Applied, 'changed'>) => `${epoch}: ${from}-${to}`
  const boards: Boards = {
    apply: async (sessionId, standings) => {
      const known = versions.get(sessionId)
      if (known === undefined) return 'lost'
      const version = known.version + 1
      versions.set(sessionId, { ...known, version })
      return { epoch: known.epoch, from: known.version, to: version, changed: standings }
    },
    rebuild: async (sessionId, epoch) => {
      const version = versions.get(sessionId) ?? { epoch, version: 1 }
      versions.set(sessionId, version)
      return version
    },
    read: async (sessionId) => {
      const known = versions.get(sessionId)
      return known === undefined ? 'lost' : { ...known, standings: [] }
    },
    check: async (sessionIds) => sessionIds.map((sessionId) => versions.get(sessionId) ?? 'lost'),
  }
  const keeping = createBoardKeeping({
    boards,
    ledger: {
      beginEpoch: async (sessionId) => {
        epochsBegun.push(sessionId)
        await new Promise((resolve) => setImmediate(resolve))
        return ledger(sessionId)
      },
    },
    announcer: { announce: (sessionId, applied) => announced.push(`${sessionId} ${describe(applied)}`) },
    recent: createRecentBoards({ now: () => 0 }),
  })
  return { ...keeping, versions, announced, epochsBegun }
}

const empty = (epoch: number) => (): LedgerContent => ({ epoch, players: [] })

t.test('whoever needs a lost board at the same time waits for one rebuild', async (t) => {
  const { apply, read, epochsBegun, announced } = createKeeping(empty(3))
  await Promise.all([apply('s', [standingOf()]), apply('s', [standingOf()]), read('s')])
  t.same(epochsBegun, ['s'])
  t.ok(announced.includes('s 3: 1-2') && announced.includes('s 3: 2-3'), String(announced))
})

t.test('more players than one call takes are applied in several', async (t) => {
  const { apply, announced } = createKeeping(empty(1))
  await apply(
    's',
    Array.from({ length: 2_500 }, () => standingOf()),
  )
  t.same(announced, ['s 1: 1-2', 's 1: 2-3', 's 1: 3-4'])
})

t.test('an unknown session, and a ledger that is away, are told apart from a board store that is away', async (t) => {
  const unknown = createKeeping(() => 'unknown-session')
  t.equal(await unknown.apply('s', [standingOf()]), 'unknown-session')
  t.equal(await unknown.read('s'), 'unknown-session')
  const away = createKeeping(() => 'unavailable')
  t.equal(await away.apply('s', [standingOf()]), 'unavailable')
  await t.rejects(away.read('s'), new PodiumError('unavailable'))
})

t.test('watching rebuilds a lost board and announces it', async (t) => {
  const { apply, watch, versions, announced } = createKeeping(empty(7))
  await apply('s', [standingOf()])
  versions.clear()
  announced.length = 0
  await watch()
  t.same(announced, ['s 7: 1-1'])
  await watch()
  t.same(announced, ['s 7: 1-1'], 'once')
})

t.test('watching announces a board once when it has come to rest, and not while it moves', async (t) => {
  const { apply, watch, announced } = createKeeping(empty(1))
  await apply('s', [standingOf()])
  await watch()
  await apply('s', [standingOf()])
  await watch()
  t.same(announced, ['s 1: 1-2', 's 1: 2-3'], 'only the deltas so far')
  await watch()
  await watch()
  t.same(announced, ['s 1: 1-2', 's 1: 2-3', 's 1: 3-3'])
})
