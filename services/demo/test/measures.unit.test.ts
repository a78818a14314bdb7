import t from 'tap'
import type { EventData } from '#client'
import { createMeasures } from '../src/measures.ts'

type Frame = EventData['leaderboard.updated']
const entry = (playerId: string, score: number) => ({ rank: 1, playerId, nickname: playerId, score, correctAnswers: 1 })
const frame = (version: number, top: [string, number][], me?: number): Frame => ({
  version,
  playerCount: 3,
  top: top.map(([playerId, score]) => entry(playerId, score)),
  ...(me !== undefined && { me: { rank: 1, score: me } }),
})

/** Client 0 is player "a", client 1 player "b", client 2 the host. */
const play = () => {
  let now = 1_000
  const measures = createMeasures(() => now)
  return {
    measures,
    at: (time: number) => {
      now = 1_000 + time
      return measures
    },
  }
}

t.test('a player in the top: from before sending to the first frame that shows more points for it', async (t) => {
  const { measures, at } = play()
  const attempt = at(0).sending(0, 'a', 'q', 100)
  at(2).wasAccepted(attempt)
  at(3).frame(1, 'b', frame(1, [['a', 100]], 0))
  at(5).wasScored('a', 'q', 900)
  at(40).frame(1, 'b', frame(2, [['a', 1_000]], 0))
  at(60).frame(2, undefined, frame(2, [['a', 1_000]]))
  at(90).frame(2, undefined, frame(3, [['a', 1_000]]))
  at(95).frame(0, 'a', frame(3, [['a', 1_000]], 1_000))
  const { latencies, seenInTop, missing } = measures.boards()
  t.equal(latencies.count, 2)
  t.equal(seenInTop, 2)
  t.equal(missing, 0)
  t.equal(Math.round(latencies.max), 60)
  t.equal(Math.round(measures.accepted.max), 2)
  t.equal(Math.round(measures.ownScore.max), 5)
})

t.test('a player below the top: by the version of the first own frame with more points', async (t) => {
  const { measures, at } = play()
  at(0).sending(0, 'a', 'q', 0)
  at(5).wasScored('a', 'q', 500)
  at(10).frame(1, 'b', frame(6, [['z', 9_000]], 0))
  at(20).frame(0, 'a', frame(7, [['z', 9_000]], 500))
  at(30).frame(1, 'b', frame(8, [['z', 9_000]], 0))
  at(31).frame(1, 'b', frame(9, [['z', 9_000]], 0))
  const { latencies, seenInTop, missing } = measures.boards()
  t.match({ count: latencies.count, seenInTop, missing }, { count: 1, seenInTop: 0, missing: 0 })
  t.equal(Math.round(latencies.max), 30)
})

t.test('an answer that earned nothing is not measured; one that never appears is missing', async (t) => {
  const { measures, at } = play()
  at(0).sending(0, 'a', 'q', 0)
  at(1).wasScored('a', 'q', 0)
  at(2).sending(1, 'b', 'q', 0)
  at(3).wasScored('b', 'another question', 900)
  at(4).wasScored('b', 'q', 900)
  at(5).frame(0, 'a', frame(3, [], 0))
  at(6).frame(1, 'b', frame(3, [], 900))
  at(7).frame(2, undefined, frame(2, []))
  const { latencies, missing } = measures.boards()
  t.equal(latencies.count, 1, 'client 0')
  t.equal(missing, 1, 'client 2 stopped before that version')
})

t.test('two answers of a player on their way at once are left out, not mixed up', async (t) => {
  const { measures, at } = play()
  at(0).sending(0, 'a', 'q1', 0)
  at(10).sending(0, 'a', 'q2', 0)
  at(11).wasScored('a', 'q2', 900)
  at(12).wasScored('a', 'q1', 900)
  at(13).frame(1, 'b', frame(1, [['a', 900]], 0))
  at(14).frame(0, 'a', frame(1, [['a', 900]], 900))
  const { latencies, missing, overlapping } = measures.boards()
  t.match({ count: latencies.count, missing, overlapping }, { count: 0, missing: 0, overlapping: 2 })
  t.equal(measures.ownScore.count, 2)
})
