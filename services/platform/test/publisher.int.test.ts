import { connect } from '@nats-io/transport-node'
import t from 'tap'
import { subjects } from '#platform/contract/subjects'
import { PodiumError } from '#platform/errors'
import { createPublisher } from '#platform/publisher'
import { startNats } from './support/nats.ts'

const payload = new TextEncoder().encode('answer')

t.test('a publisher', async (t) => {
  const server = await startNats(t, { streams: true })
  const nc = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
  t.teardown(() => nc.close())
  const publisher = createPublisher(nc, { timeoutMs: 500 })

  await t.test('tells a first message from its repeat', async (t) => {
    const subject = subjects.feed('repeated')
    t.same(await publisher.publish(subject, payload, undefined, 'a'), { kind: 'stored', sequence: 1 })
    t.same(await publisher.publish(subject, payload, undefined, 'a'), { kind: 'duplicate', sequence: 1 })
    t.same(await publisher.publish(subject, payload, undefined, 'b'), { kind: 'stored', sequence: 2 })
  })

  await t.test('writes at once without a pace', async (t) => {
    const prompt = createPublisher(nc, { paceMs: 0 })
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => prompt.publish(subjects.answers(0), payload)))
    t.same(
      outcomes.map(({ sequence }) => sequence),
      outcomes.map((_, index) => index + 1),
      'in order',
    )
  })

  await t.test('is refused on a subject that no stream has', async (t) => {
    await t.rejects(publisher.publish('no.stream', payload), { code: 'unavailable' })
  })

  await t.test('refuses when its window is full, and answers what is under way', async (t) => {
    const narrow = createPublisher(nc, { window: 2 })
    const first = narrow.publish(subjects.feed('s'), payload)
    const second = narrow.publish(subjects.feed('s'), payload)
    await t.rejects(narrow.publish(subjects.feed('s'), payload), { code: 'unavailable' })
    t.equal(narrow.pending(), 2)
    t.same(
      (await Promise.all([first, second])).map(({ kind }) => kind),
      ['stored', 'stored'],
    )
    t.equal(narrow.pending(), 0)
  })

  await t.test(
    'gives up after its deadline while the server is unavailable, and works again when it is back',
    async (t) => {
      await server.kill('SIGKILL')
      await t.rejects(publisher.publish(subjects.feed('s'), payload), PodiumError)
      t.equal(publisher.pending(), 0)
      await server.start()
      let outcome: unknown
      for (let attempt = 0; attempt < 40 && outcome === undefined; attempt++) {
        outcome = await publisher.publish(subjects.feed('s'), payload).catch(() => undefined)
      }
      t.match(outcome, { kind: 'stored' })
    },
  )
})
