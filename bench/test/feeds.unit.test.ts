import t from 'tap'
import { createToken, readToken } from '../peers/classic/tokens.ts'
import { feeds } from '../workloads/feeds.ts'

t.test('a board of Podium is read with its version, the own score and the own rank', async (t) => {
  const top = [{ rank: 1, playerId: 'p', nickname: 'N', score: 900, correctAnswers: 1 }]
  const data = { version: 4_294_967_300, playerCount: 2, top, me: { rank: 2, score: 450 } }
  const text = JSON.stringify({ type: 'leaderboard.updated', data })
  t.same(feeds.podium.read(text), { kind: 'board', version: 4_294_967_300, score: 450, rank: 2 })
  const changes = { version: 5, playerCount: 2, order: ['p'], changed: top, me: { rank: 2, score: 450 } }
  const changed = JSON.stringify({ type: 'leaderboard.changed', data: changes })
  t.same(feeds.podium.read(changed), { kind: 'board', version: 5, score: 450, rank: 2 })
  const own = JSON.stringify({ type: 'score.updated', data: { questionId: 'q', points: 450, score: 450, streak: 1 } })
  t.same(feeds.podium.read(own), { kind: 'own', version: undefined, score: 450 })
  t.equal(feeds.podium.read('{"type":"lobby.updated","data":{}}'), undefined)
})

t.test('Socket.IO: pings are answered, boards and own scores are read', async (t) => {
  const { read, hello } = feeds['socket.io']
  t.equal(read('2'), '3')
  t.equal(hello?.('abc'), '40{"token":"abc"}')
  const board = { top: [{ rank: 1, playerId: 'p', nickname: 'p', score: 900 }], version: 17 }
  t.same(read(`42${JSON.stringify(['leaderboard', board])}`), { kind: 'board', version: 17, score: undefined })
  t.same(read(`42${JSON.stringify(['score', { version: 3, score: 900 }])}`), { kind: 'own', version: 3, score: 900 })
  t.equal(read('0{"sid":"x"}'), undefined)
})

t.test('tokens of the classic design: only those with our signature are read', async (t) => {
  const token = createToken({ sub: 'u', sid: 's' })
  t.same(readToken(token), { sub: 'u', sid: 's' })
  t.equal(readToken(`${token}x`), undefined)
  t.equal(readToken('nonsense'), undefined)
})
