import { existsSync, writeFileSync } from 'node:fs'
import { create, toBinary } from '@bufbuild/protobuf'
import { jetstream } from '@nats-io/jetstream'
import t from 'tap'
import { TimerSchema } from '#gen/timer_pb'
import { subjects } from '#platform/contract/subjects'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createClient } from '../support/client.ts'
import { spawnCopy } from '../support/copy-process.ts'
import { assertContiguous, eventsOf, feedOf } from '../support/streams.ts'
import { createWorld, startCopy } from '../support/world.ts'

t.test('processes that die', { timeout: 200_000 }, async (t) => {
  const world = await createWorld(t)
  const client = createClient(world)
  const statusOf = async (sessionId: string) => {
    const { rows } = await world.pool.query<{ status: string }>('SELECT status FROM sessions WHERE id = $1', [
      sessionId,
    ])
    return rows[0]?.status
  }
  const waitFor = (sessionId: string, status: string, timeoutMs = 10_000) =>
    eventually(async () => (await statusOf(sessionId)) === status, { timeoutMs, what: `the session is ${status}` })
  /** What a copy that dies has not said is said late, and the question opens late. */
  const announced = (sessionId: string) =>
    eventually(async () => {
      const { rowCount } = await world.pool.query('SELECT 1 FROM outbox WHERE session_id = $1', [sessionId])
      return rowCount === 0
    })

  for (const failpoint of ['session.after-commit', 'session.after-publish']) {
    await t.test(`what was committed is published once when a copy dies at ${failpoint}`, async (t) => {
      const flag = `${t.testdir({})}/flag`
      const copy = await spawnCopy(t, world, { PODIUM_FAILPOINTS: `${failpoint}@${flag}` })
      const { sessionId } = await client.open(1, { startDelaySeconds: 30 })
      writeFileSync(flag, '')
      await t.rejects(client.control(sessionId, 'start', undefined, 1_000), { code: 'unavailable' })
      t.equal(await copy.gone, 'SIGKILL')
      t.notOk(existsSync(flag))
      t.equal(await statusOf(sessionId), 'starting', 'the transition is durable')
      const other = await startCopy(t, world)
      await eventually(async () => (await feedOf(world.nc, sessionId)).length === 2)
      await eventually(
        async () => {
          const { rows } = await world.pool.query('SELECT 1 FROM outbox WHERE session_id = $1', [sessionId])
          return rows.length === 0
        },
        { what: 'nothing is left behind' },
      )
      const feed = await feedOf(world.nc, sessionId)
      assertContiguous(feed)
      t.same(eventsOf(feed), ['sessionCreated', 'sessionStarting'])
      await other.stop('done')
    })
  }

  await t.test('a question closes on time after every copy was down', async (t) => {
    const first = await spawnCopy(t, world)
    const { sessionId } = await client.open(1, { timeLimitSeconds: 4 })
    await client.control(sessionId, 'start')
    await waitFor(sessionId, 'question_open')
    await announced(sessionId)
    first.kill('SIGKILL')
    await first.gone
    const second = await spawnCopy(t, world)
    const backAt = Date.now()
    t.equal(await statusOf(sessionId), 'question_open')
    await waitFor(sessionId, 'question_closed', 20_000)
    // The row is committed before the message is published.
    const feed = await eventually(async () => {
      const messages = await feedOf(world.nc, sessionId)
      return eventsOf(messages).at(-1) === 'questionClosed' ? messages : undefined
    })
    assertContiguous(feed)
    const { question } = feed.findLast(({ event }) => event?.event.case !== 'questionClosed')?.state ?? {}
    const closedAt = feed.at(-1)?.atMs ?? 0
    const closesAt = question?.closesAtMs ?? 0
    t.ok(closedAt >= closesAt + 150, 'not before its time')
    const late = closedAt - Math.max(closesAt, backAt)
    t.ok(late < 5_000, `${late} ms after the time was up and a copy was there`)
    second.kill('SIGKILL')
    await second.gone
  })

  await t.test('a question closes at once when its time passed while every copy was down', async (t) => {
    const first = await spawnCopy(t, world)
    const { sessionId } = await client.open(1, { timeLimitSeconds: 1 })
    await client.control(sessionId, 'start')
    await waitFor(sessionId, 'question_open')
    await announced(sessionId)
    first.kill('SIGKILL')
    await first.gone
    const { rows } = await world.pool.query<{ due: Date }>('SELECT due_at AS due FROM sessions WHERE id = $1', [
      sessionId,
    ])
    await eventually(() => Date.now() > (rows[0]?.due.getTime() ?? 0) + 200)
    t.equal(await statusOf(sessionId), 'question_open')
    const copy = await startCopy(t, world)
    await t.resolves(waitFor(sessionId, 'question_closed'))
    await copy.stop('done')
  })

  await t.test('a close that was begun by a copy that died is finished by another', async (t) => {
    const flag = `${t.testdir({})}/flag`
    const first = await spawnCopy(t, world, { PODIUM_FAILPOINTS: `session.after-commit@${flag}` })
    const { sessionId } = await client.open(2)
    await client.control(sessionId, 'start')
    await waitFor(sessionId, 'question_open')
    writeFileSync(flag, '')
    await t.rejects(client.control(sessionId, 'end', undefined, 1_000), { code: 'unavailable' })
    await first.gone
    const copy = await startCopy(t, world)
    await waitFor(sessionId, 'finished')
    await eventually(async () => eventsOf(await feedOf(world.nc, sessionId)).at(-1) === 'sessionFinished')
    const feed = await feedOf(world.nc, sessionId)
    assertContiguous(feed)
    t.same(eventsOf(feed).slice(-3), ['questionClosing', 'questionClosed', 'sessionFinished'])
    await copy.stop('done')
  })

  await t.test('two copies never act twice, whatever timers they get', async (t) => {
    const copies = [await startCopy(t, world), await startCopy(t, world)]
    const sessions = await Promise.all(
      Array.from({ length: 10 }, () =>
        client.open(3, { advance: 'auto', timeLimitSeconds: 1, revealSeconds: 0.3, closeWhenAllAnswered: false }),
      ),
    )
    await Promise.all(sessions.map(({ sessionId }) => client.control(sessionId, 'start')))
    /** Timers for every epoch there may ever be, due now: each is stale, or as early as it gets. */
    const spray = async () => {
      for (const { sessionId } of sessions) {
        for (let epoch = 1; epoch <= 10; epoch += 1) {
          const timer = create(TimerSchema, { sessionId, epoch, dueAtMs: Date.now() })
          await jetstream(world.nc).publish(subjects.timer(sessionId), toBinary(TimerSchema, timer))
        }
      }
    }
    await spray()
    await eventually(async () => (await statusOf(sessions[0]?.sessionId ?? '')) === 'question_closed')
    await spray()
    await Promise.all(sessions.map(({ sessionId }) => waitFor(sessionId, 'finished', 20_000)))
    for (const { sessionId } of sessions) {
      const feed = await eventually(async () => {
        const messages = await feedOf(world.nc, sessionId)
        return messages.length >= 9 ? messages : undefined
      })
      assertContiguous(feed)
      t.same(eventsOf(feed), [
        'sessionCreated',
        'sessionStarting',
        ...[0, 1, 2].flatMap(() => ['questionOpened', 'questionClosed']),
        'sessionFinished',
      ])
      for (const { atMs, event, state } of feed) {
        if (event?.event.case === 'questionClosed') t.ok(atMs >= (state?.nextAtMs ?? 0) - 301, 'not before its time')
      }
    }
    for (const copy of copies) await copy.stop('done')
  })

  await t.test('a restart of NATS loses nothing', async (t) => {
    const copies = [await startCopy(t, world), await startCopy(t, world)]
    const { sessionId } = await client.open(1, { timeLimitSeconds: 3 })
    await client.control(sessionId, 'start')
    await waitFor(sessionId, 'question_open')
    await world.nats.kill('SIGKILL')
    await world.nats.start()
    await waitFor(sessionId, 'question_closed', 20_000)
    await eventually(async () => eventsOf(await feedOf(world.nc, sessionId)).at(-1) === 'questionClosed', {
      timeoutMs: 20_000,
    })
    assertContiguous(await feedOf(world.nc, sessionId))
    for (const copy of copies) await copy.stop('done')
  })
})
