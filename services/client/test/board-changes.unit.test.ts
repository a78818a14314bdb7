import t from 'tap'
import { createBoardChanges } from '../src/board-changes.ts'

const entry = (playerId: string, rank: number, score: number) => ({
  playerId,
  rank,
  score,
  nickname: playerId.toUpperCase(),
  correctAnswers: 1,
})
const [ada, bob] = [entry('ada', 1, 900), entry('bob', 2, 800)]
const snapshot = { type: 'session.snapshot', id: '1', data: { leaderboard: { version: 3, top: [ada, bob] } } }
const changes = (order: readonly string[], changed: readonly object[], more: object = {}) => ({
  type: 'leaderboard.changed',
  data: { version: 4, playerCount: 2, order, changed, ...more },
})

t.test('whole boards are made of the snapshot and what changed since', async (t) => {
  const whole = createBoardChanges()
  t.equal(whole(snapshot), snapshot)
  const [first, second] = [entry('bob', 1, 1_700), entry('ada', 2, 900)]
  t.same(whole(changes(['bob', 'ada'], [first, second], { me: { rank: 2, score: 900 } })), {
    type: 'leaderboard.updated',
    data: { version: 4, playerCount: 2, top: [first, second], me: { rank: 2, score: 900 } },
  })
  const cleo = entry('cleo', 2, 1_000)
  t.match(whole(changes(['bob', 'cleo'], [cleo])), { data: { top: [first, cleo] } }, 'an entry that did not change')
})

t.test('a difference to a board that was never seen is none, and a whole one helps', async (t) => {
  const whole = createBoardChanges()
  t.equal(whole(changes(['ada'], [])), undefined)
  whole({ type: 'leaderboard.updated', data: { version: 5, playerCount: 1, top: [ada] } })
  t.match(whole(changes(['ada'], [])), { data: { top: [ada] } })
})

t.test('other messages stay as they are', async (t) => {
  const message = { type: 'question.closed', id: '7', data: {} }
  t.equal(createBoardChanges()(message), message)
})
