import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { memoryHeld } from '../../../platform/test/support/memory.ts'
import { createTestBoard } from '../support/board-player.ts'
import { openByteReader } from '../support/byte-reader.ts'
import { startEdge } from '../support/edge.ts'
import { createTestSession } from '../support/session.ts'
import { openStalled, type StalledReader } from '../support/stalled-reader.ts'

/** Fills the buffers of the operating system soon. */
const LARGE = 'x'.repeat(50_000)
const MAX_EVENTS = 300
/** Each of them gets as much as it takes to fill the buffers of the bad ones. */
const CROWD = 40
const BAD = 4

t.test('bad clients in a crowd', async (t) => {
  const edge = await startEdge(t, { limits: { stalledMs: 1_500 } })
  const session = createTestSession(edge.bus)
  const board = createTestBoard(edge.bus, session.sessionId)
  await session.publish({ case: 'sessionCreated', value: {} })
  const token = await edge.hostToken()
  const ada = await edge.player(session.sessionId, 'Ada')
  const paths = ['ws', 'events'].map((name) => `/v1/sessions/${session.sessionId}/${name}`)

  const crowd = await Promise.all(
    Array.from({ length: CROWD }, (_, n) => edge.ws(session.sessionId, n === 0 ? ada.token : token)),
  )
  const stalled: StalledReader[] = []
  for (const path of paths) {
    stalled.push(await openStalled(edge.url, path, token))
    openByteReaderFor(t, edge.url, path, token)
  }
  for (const { close } of stalled) t.teardown(close)
  for (const stream of crowd) await stream.next('session.snapshot')
  await eventually(() => edge.streams.stats().streams === CROWD + BAD)

  const positions: string[] = []
  const before = memoryHeld().arrayBuffers
  while (edge.streams.stats().stalls < BAD && positions.length < MAX_EVENTS) {
    const question = { questionId: session.questionIds[0] ?? '', prompt: LARGE }
    const position = await session.publish({ case: 'questionOpened', value: {} }, { status: 'question_open', question })
    positions.push(String(position))
    await crowd.at(-1)?.next('question.opened', ({ id }) => id === String(position))
  }
  const held = memoryHeld().arrayBuffers - before
  for (let score = 1; score <= 5; score++) {
    board.set({ playerId: ada.playerId, score })
    await crowd[0]?.next('leaderboard.updated', ({ data }) => data.top[0]?.score === score)
  }

  await t.test('are closed, and no others', async (t) => {
    await eventually(() => edge.streams.stats().streams === CROWD, { timeoutMs: 10_000 })
    t.equal(edge.streams.stats().slow, BAD)
  })

  await t.test('do not keep anything from the others', async (t) => {
    for (const stream of crowd) {
      await stream.next('leaderboard.updated', ({ data }) => data.top[0]?.score === 5)
      t.same(
        stream.of('question.opened').map(({ id }) => id),
        positions,
      )
    }
  })

  await t.test('do not make the edge hold more than it may', (t) => {
    t.ok(held < 16 * 1024 * 1024, `${held} bytes held, garbage apart`)
    t.end()
  })
})

const openByteReaderFor = (t: { teardown(end: () => void): void }, url: string, path: string, token: string) => {
  const reader = openByteReader(url, path, token, 100)
  t.teardown(reader.close)
}

t.test('a WebSocket whose other end is gone without a word is given up', async (t) => {
  const edge = await startEdge(t, { limits: { idleSeconds: 8 } })
  const session = createTestSession(edge.bus)
  createTestBoard(edge.bus, session.sessionId)
  await session.publish({ case: 'sessionCreated', value: {} })
  const token = await edge.hostToken()
  const silent = await openStalled(edge.url, `/v1/sessions/${session.sessionId}/ws`, token)
  t.teardown(silent.close)
  const alive = await edge.ws(session.sessionId, token)
  await alive.next('session.snapshot')
  await eventually(() => edge.streams.stats().streams === 2)
  await eventually(() => edge.streams.stats().streams === 1, { timeoutMs: 20_000, what: 'the silent one is closed' })
  await sleep(500)
  await session.publish({ case: 'sessionLocked', value: {} })
  await alive.next('session.locked')
})
