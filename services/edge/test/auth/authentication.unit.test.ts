import t from 'tap'
import { type Bearer, MEMBERS, type Members, relationOf } from '../../auth/authentication.ts'

const session: Members = {
  sessionId: 's',
  hostUserId: 'h',
  isRemoved: (playerId) => playerId === 'removed',
  isReplaced: ({ playerId, generation }) => playerId === 'back' && generation < 2,
  hasLeft: (playerId) => playerId === 'left',
}
const player = (playerId: string, sessionId = 's', generation = 1): Bearer => ({
  kind: 'player',
  playerId,
  sessionId,
  generation,
})

t.test('the role of a caller in a session follows from the token and nothing else', async (t) => {
  t.equal(relationOf({ kind: 'user', userId: 'h' }, session), 'host')
  t.equal(relationOf({ kind: 'user', userId: 'other' }, session), 'stranger')
  t.equal(relationOf(player('p'), session), 'player')
  t.equal(relationOf(player('p', 'another'), session), 'stranger')
  t.equal(relationOf(player('h'), session), 'player', 'an id of a player is no id of a user')
  t.equal(relationOf(player('removed'), session), 'removed')
  t.equal(relationOf(player('back'), session), 'replaced')
  t.equal(relationOf(player('left'), session), 'left')
  t.equal(relationOf(player('back', 's', 2), session), 'player')
  t.equal(relationOf({ kind: 'display', sessionId: 's' }, session), 'display')
  t.equal(relationOf({ kind: 'display', sessionId: 'another' }, session), 'stranger')
})

t.test('strangers and removed players get nothing', async (t) => {
  for (const rules of Object.values(MEMBERS)) {
    t.not(rules.stranger, true)
    t.equal(rules.removed, 'unauthorized')
  }
})

t.test('a display reads what a spectator may, and does nothing', async (t) => {
  const allowed = Object.entries(MEMBERS).filter(([, rules]) => rules.display === true)
  t.same(
    allowed.map(([action]) => action),
    ['session.read', 'board.read', 'stream.open', 'socket.open', 'stream.replay'],
  )
  for (const { display } of Object.values(MEMBERS)) t.ok(display === true || display === 'forbidden')
})

t.test('a player who left may read, but not answer', async (t) => {
  t.equal(MEMBERS['answer.submit'].left, 'not-a-participant')
  t.equal(MEMBERS['session.read'].left, true)
})
