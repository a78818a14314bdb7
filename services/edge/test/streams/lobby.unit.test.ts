import t from 'tap'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createLobbyUpdates, LOBBY_INTERVAL_MS } from '../../streams/lobby.ts'

t.test('lobby updates are sent at once, then at intervals, with the newest count and at most 50 names', async (t) => {
  const sent: { playerCount: number; joined: string[]; left: string[] }[] = []
  const lobby = createLobbyUpdates((frame) => sent.push(JSON.parse(`${frame.head}}`)))
  t.teardown(lobby.close)
  lobby.add({ playerCount: 1, joined: ['Ada'], left: [] })
  t.same(sent, [{ playerCount: 1, joined: ['Ada'], left: [] }])
  for (let count = 2; count <= 101; count++) lobby.add({ playerCount: count, joined: [`P${count}`], left: [] })
  lobby.add({ playerCount: 100, joined: [], left: ['Ada'] })
  t.equal(sent.length, 1)
  const began = performance.now()
  await eventually(() => sent.length === 2)
  t.ok(performance.now() - began >= LOBBY_INTERVAL_MS - 50)
  t.match(sent[1], { playerCount: 100, left: ['Ada'] })
  t.equal(sent[1]?.joined.length, 50)
  t.equal(sent[1]?.joined.at(-1), 'P101')
})
