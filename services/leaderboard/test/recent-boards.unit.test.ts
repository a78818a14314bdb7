import t from 'tap'
import { createRecentBoards } from '../recent-boards.ts'

const createBoards = (limit?: number) => {
  let now = 0
  const recent = createRecentBoards({ now: () => now, maxAgeMs: 1_000, ...(limit !== undefined && { limit }) })
  const names = () => recent.list().map(({ sessionId }) => sessionId)
  return {
    recent,
    names,
    at: (ms: number) => {
      now = ms
    },
  }
}

t.test('a board is recent until nobody has touched it for the time limit', async (t) => {
  const { recent, names, at } = createBoards()
  recent.touch('a')
  at(600)
  recent.touch('b')
  recent.touch('a')
  at(1_600)
  t.same(names(), ['b', 'a'])
  recent.touch('b')
  at(1_601)
  t.same(names(), ['b'])
})

t.test('the longest untouched board is forgotten when there are too many', async (t) => {
  const { recent, names } = createBoards(2)
  for (const name of ['a', 'b', 'a', 'c']) recent.touch(name)
  t.same(names(), ['a', 'c'])
})

t.test('touching keeps what was seen, and announcements can be forgotten', async (t) => {
  const { recent } = createBoards()
  recent.touch('a')
  for (const board of recent.list()) Object.assign(board, { seen: { epoch: 1, version: 2 }, announced: true })
  recent.touch('a')
  t.match(recent.list(), [{ seen: { epoch: 1, version: 2 }, announced: true }])
  recent.forgetAnnouncements()
  t.match(recent.list(), [{ announced: false }])
})
