import t from 'tap'
import type { EventData } from '#client'
import { createMeasures } from '../measures.ts'

type Frame = EventData['leaderboard.updated']
const entry = (playerId: string, score: number) => ({ rank: 1, playerId, nickname: playerId, score, correctAnswers: 1 })
const frame = (version: number, top: [string, number][], me?: number): Frame => ({
  version,
  playerCount: 3,
  top: top.map(([playerId, score]) => entry(playerId, score)),
  ...(me !== undefined && { me: { rank: 1, score: me } }),
})

/** Clients: players "a" and "b", and the host. */
const play = () => {
  let now = 1_000
  const measures = createMeasures(() => now)
  const [a, b, host] = [measures.observe('a'), measures.observe('b'), measures.observe()]
  const at = (time: number) => {
    now = 1_000 + time
    return measures
  }
  return { measures, a, b, host, at }
}

t.test('a player in the top: from before sending to the first frame that shows more points for it', async (t) => {
  const { measures, a, b, host, at } = play()
  const attempt = at(0).sending('a', 'q', 100)
  at(2).wasAccepted(attempt)
  at(3) && b.frame(frame(1, [['a', 100]], 0))
  at(5).wasScored('a', 'q', 900)
  at(40) && b.frame(frame(2, [['a', 1_000]], 0))
  at(60) && host.frame(frame(2, [['a', 1_000]]))
  at(90) && host.frame(frame(3, [['a', 1_000]]))
  at(95) && a.frame(frame(3, [['a', 1_000]], 1_000))
  const { latencies, seenInTop, missing } = measures.boards()
  t.equal(latencies.count, 2)
  t.equal(seenInTop, 2)
  t.equal(missing, 0)
  t.equal(Math.round(latencies.max), 60)
  t.equal(measures.seenSoFar.count, 2)
  t.equal(Math.round(measures.accepted.max), 2)
  t.equal(Math.round(measures.ownScore.max), 5)
})

t.test('a player below the top: by the version of the first own frame with more points', async (t) => {
  const { measures, a, b, at } = play()
  at(0).sending('a', 'q', 0)
  at(5).wasScored('a', 'q', 500)
  at(10) && b.frame(frame(6, [['z', 9_000]], 0))
  at(20) && a.frame(frame(7, [['z', 9_000]], 500))
  at(30) && b.frame(frame(8, [['z', 9_000]], 0))
  at(31) && b.frame(frame(9, [['z', 9_000]], 0))
  const { latencies, seenInTop, missing } = measures.boards()
  t.match({ count: latencies.count, seenInTop, missing }, { count: 1, seenInTop: 0, missing: 1 })
  t.equal(Math.round(latencies.max), 30)
})

t.test('an answer that earned nothing is not measured; one that never appears is missing', async (t) => {
  const { measures, a, b, host, at } = play()
  at(0).sending('a', 'q', 0)
  at(1).wasScored('a', 'q', 0)
  at(2).sending('b', 'q', 0)
  at(3).wasScored('b', 'another question', 900)
  at(4).wasScored('b', 'q', 900)
  at(5) && a.frame(frame(3, [['b', 900]], 0))
  at(6) && b.frame(frame(3, [['b', 900]], 900))
  at(7) && host.frame(frame(2, []))
  const { latencies, missing } = measures.boards()
  t.equal(latencies.count, 1, 'player a')
  t.equal(missing, 1, 'the host stopped before that version')
})

t.test('a client whose top stays the same is sent no board, and misses none', async (t) => {
  const { measures, a, b, host, at } = play()
  for (const client of [a, b, host]) at(0) && client.frame(frame(6, [['z', 9_000]], 0))
  at(10).sending('a', 'q', 0)
  at(15).wasScored('a', 'q', 500)
  at(20) && a.frame(frame(7, [['z', 9_000]], 500))
  const { inTop, latencies, missing } = measures.boards()
  t.match({ seen: latencies.count, inTop: inTop.count, missing }, { seen: 0, inTop: 0, missing: 0 })
  at(30) && b.frame(frame(8, [['z', 9_500]], 0))
  t.match(measures.boards(), { missing: 1, seenInTop: 0 }, 'the host, whose top is not the newest any more')
  at(40) && host.gone()
  t.equal(measures.boards().missing, 0, 'it disconnected before the newest top can have been sent to it')
})

t.test('an answer that was refused because of a pause is measured from when it was sent again', async (t) => {
  const { measures, a, b, host, at } = play()
  measures.withdraw(at(0).sending('a', 'q', 0))
  const attempt = at(5_000).sending('a', 'q', 0)
  at(5_003).wasAccepted(attempt)
  at(5_005).wasScored('a', 'q', 900)
  for (const client of [a, b, host]) at(5_060) && client.frame(frame(1, [['a', 900]], 900))
  const { latencies, missing, overlapping } = measures.boards()
  t.match({ count: latencies.count, missing, overlapping }, { count: 2, missing: 0, overlapping: 0 })
  t.equal(Math.round(latencies.max), 60)
  t.equal(Math.round(measures.accepted.max), 3)
})

t.test('only clients that are connected from the sending on are asked; who goes at once is not missed', async (t) => {
  const { measures, a, b, host, at } = play()
  at(0).sending('a', 'q', 0)
  at(5).wasScored('a', 'q', 900)
  at(10) && b.gone()
  const late = at(20) && measures.observe('c')
  at(50) && a.frame(frame(2, [['a', 900]], 900))
  at(60) && host.frame(frame(2, [['a', 900]]))
  at(9_000) && late.frame(frame(3, [['a', 900]], 0))
  const { latencies, missing } = measures.boards()
  t.match({ count: latencies.count, missing }, { count: 1, missing: 0 })
  t.equal(Math.round(latencies.max), 60)

  at(10_000).sending('a', 'q2', 900)
  at(10_005).wasScored('a', 'q2', 900)
  at(10_050) && a.frame(frame(4, [['a', 1_800]], 1_800))
  at(10_060) && host.frame(frame(4, [['a', 1_800]]))
  at(12_000) && late.gone()
  t.equal(measures.boards().missing, 1, 'who was there for two seconds should have seen it')
})

t.test('two answers of a player on their way at once are left out, not mixed up', async (t) => {
  const { measures, a, b, at } = play()
  at(0).sending('a', 'q1', 0)
  at(10).sending('a', 'q2', 0)
  at(11).wasScored('a', 'q2', 900)
  at(12).wasScored('a', 'q1', 900)
  at(13) && b.frame(frame(1, [['a', 900]], 0))
  at(14) && a.frame(frame(1, [['a', 900]], 900))
  const { latencies, missing, overlapping } = measures.boards()
  t.match({ count: latencies.count, missing, overlapping }, { count: 0, missing: 0, overlapping: 2 })
  t.equal(measures.ownScore.count, 2)
})
