import t from 'tap'
import { createNetworkDelays } from '../../streams/round-trips.ts'

const OPENS_AT = 10_000

/** A player whose network has these delays, one way. */
const setUp = () => {
  let now = 0
  const suspects: string[] = []
  const delays = createNetworkDelays({
    clock: { monotonic: () => now, now: () => now },
    onSuspect: (playerId) => suspects.push(playerId),
  })
  const trips = delays.of('ada')
  return {
    suspects,
    delayMs: (opensAt = OPENS_AT) => delays.delayMs('ada', opensAt),
    trips,
    at: (time: number) => {
      now = time
    },
    /** A ping at a time, whose pong comes so much later. */
    ping: (kind: 'question' | 'idle', sentAt: number, roundTrip: number) => {
      now = sentAt
      const name = trips.probe(kind)
      now = sentAt + roundTrip
      trips.pong(name)
    },
  }
}

t.test('nothing is measured of a player without a WebSocket', async (t) => {
  t.equal(setUp().delayMs(), 0)
  const delays = createNetworkDelays({ clock: { monotonic: () => 0, now: () => 0 } })
  t.equal(delays.delayMs('bob', 0), 0)
})

t.test('a question that came within the lead delays its answer by one way, the way of the answer', async (t) => {
  const { ping, delayMs } = setUp()
  ping('idle', 5_000, 160)
  ping('question', OPENS_AT - 500, 160)
  t.equal(delayMs(), 80)
})

t.test('a question that came after its opening delays its answer by that as well', async (t) => {
  const { ping, delayMs, trips, at } = setUp()
  ping('idle', 5_000, 800)
  at(OPENS_AT - 250)
  const name = trips.probe('question')
  t.equal(delayMs(), 400 + 150, 'as expected, before its pong')
  at(OPENS_AT - 250 + 1_000)
  trips.pong(name)
  t.equal(delayMs(), 400 + 350, 'as its pong says')
})

t.test('round trips are smoothed, and kept when the player connects again', async (t) => {
  const { ping, delayMs } = setUp()
  for (const roundTrip of [100, 100, 300]) ping('idle', 1_000, roundTrip)
  t.equal(delayMs(), 75)
})

t.test('a client that connects while a question is open is late by its network, not by the time before', async (t) => {
  const { ping, delayMs } = setUp()
  ping('idle', OPENS_AT + 4_000, 40)
  ping('question', OPENS_AT + 4_000, 40)
  t.equal(delayMs(), 20 + 20)
})

t.test('pongs to questions that come late again and again are not believed', async (t) => {
  const { ping, delayMs, trips, suspects } = setUp()
  for (let question = 1; question <= 5; question++) {
    ping('idle', question * 20_000, 20)
    ping('question', question * 20_000 + 5_000, 1_500)
    const delay = delayMs(question * 20_000 + 5_250)
    if (question >= 3) t.equal(delay, 10)
    else t.equal(delay, 10 + 1_240)
  }
  t.ok(trips.isSuspect())
  t.same(suspects, ['ada'], 'said once')
})

t.test('one slow question is no reason not to believe', async (t) => {
  const { ping, trips, suspects } = setUp()
  for (let question = 1; question <= 6; question++) {
    ping('idle', question * 20_000, 40)
    ping('question', question * 20_000 + 5_000, question === 4 ? 350 : 45)
  }
  t.notOk(trips.isSuspect())
  t.same(suspects, [])
})

t.test('pongs that were not asked for, and pongs that come twice, change nothing', async (t) => {
  const { ping, delayMs, trips, at } = setUp()
  ping('idle', 1_000, 100)
  t.notOk(trips.pong(''))
  t.notOk(trips.pong('x'.repeat(125)))
  at(2_000)
  const name = trips.probe('idle')
  at(2_100)
  t.ok(trips.pong(name))
  at(9_000)
  t.notOk(trips.pong(name))
  t.equal(delayMs(), 50)
})
