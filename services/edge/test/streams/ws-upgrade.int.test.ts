import t from 'tap'
import { createTestBoard } from '../support/board-player.ts'
import { startEdge } from '../support/edge.ts'
import { createTestSession } from '../support/session.ts'

const ROUNDS = 8

t.test('the first WebSockets of an edge, whose tokens and session have to be looked up, stay open', async (t) => {
  for (let round = 0; round < ROUNDS; round++) {
    const edge = await startEdge(t)
    const session = createTestSession(edge.bus)
    createTestBoard(edge.bus, session.sessionId)
    await session.publish({ case: 'sessionCreated', value: {} })
    const players = await Promise.all([1, 2, 3, 4].map((ord) => edge.player(session.sessionId, `P${ord}`, { ord })))
    const streams = await Promise.all(players.map(({ token }) => edge.ws(session.sessionId, token)))
    for (const stream of streams) await stream.next('session.snapshot')
    for (const stream of streams) stream.close()
  }
})
