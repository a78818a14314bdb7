import t from 'tap'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { codeOf, createClient } from '../support/client.ts'
import { spawnCopy } from '../support/copy-process.ts'
import { acceptAnswer } from '../support/scoring.ts'
import { assertContiguous, eventsOf, feedOf } from '../support/streams.ts'
import { createWorld, startCopy } from '../support/world.ts'

t.test('outages', { timeout: 90_000 }, async (t) => {
  const world = await createWorld(t, { ownPostgres: true })
  const client = createClient(world)
  const statusOf = async (sessionId: string) => (await client.get(sessionId)).status

  await t.test('while Postgres is unavailable commands are unavailable; afterwards they work again', async (t) => {
    const copy = await startCopy(t, world)
    const { sessionId } = await client.open(1, { timeLimitSeconds: 2 })
    await client.control(sessionId, 'start')
    await eventually(async () => (await statusOf(sessionId)) === 'question_open')
    const joins = Array.from({ length: 20 }, (_, i) => codeOf(client.join(sessionId, `u${i}`)))
    await world.postgres?.kill('SIGKILL')
    for (const code of await Promise.all(joins)) t.match(code, /^(accepted|unavailable)$/)
    t.equal(await codeOf(client.join(sessionId, 'ada')), 'unavailable')
    t.equal(await codeOf(client.control(sessionId, 'lock')), 'unavailable')
    await world.postgres?.start()
    await eventually(async () => (await codeOf(client.join(sessionId, 'bob'))) !== 'unavailable')
    await eventually(async () => (await statusOf(sessionId)) === 'question_closed', { timeoutMs: 15_000 })
    await eventually(async () => eventsOf(await feedOf(world.nc, sessionId)).at(-1) === 'questionClosed')
    assertContiguous(await feedOf(world.nc, sessionId))
    const { rows } = await world.pool.query(
      `SELECT player_count, (SELECT count(*) FROM players WHERE session_id = sessions.id) AS seated
         FROM sessions WHERE id = $1`,
      [sessionId],
    )
    t.equal(rows[0]?.player_count, rows[0]?.seated, 'no seat was lost or taken twice')
    await copy.stop('done')
  })

  await t.test('a copy that gets SIGTERM finishes its command in flight', async (t) => {
    const copy = await spawnCopy(t, world)
    const { sessionId } = await client.open(1)
    const { playerId } = await client.join(sessionId, 'ada')
    await client.control(sessionId, 'start')
    await eventually(async () => (await statusOf(sessionId)) === 'question_open')
    await acceptAnswer(world, sessionId, 0, playerId)
    const closing = client.control(sessionId, 'close')
    await eventually(async () => eventsOf(await feedOf(world.nc, sessionId)).at(-1) === 'questionClosing')
    copy.kill('SIGTERM')
    t.match((await closing).state, { status: 'question_closed' }, 'it waited for the answer that no worker scores')
    t.equal(await copy.gone, '0')
  })

  await t.test('a copy that is suspended in the middle of a join stops no other for long', async (t) => {
    const copy = await spawnCopy(t, world)
    const { sessionId } = await client.open(1)
    const holder = await world.pool.connect()
    // The row is locked, as by a copy that was stopped between two statements of its transaction.
    await holder.query('BEGIN')
    await holder.query('SELECT 1 FROM sessions WHERE id = $1 FOR UPDATE', [sessionId])
    const startedAt = performance.now()
    const lost = new Promise((resolve) => holder.on('error', resolve))
    t.equal(await codeOf(client.join(sessionId, 'ada')), 'accepted')
    t.ok(performance.now() - startedAt < 5_000)
    await lost
    holder.release(true)
    copy.kill('SIGKILL')
  })
})
