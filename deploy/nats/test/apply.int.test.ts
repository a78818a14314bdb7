import { AckPolicy, JetStreamApiCodes, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, nanos } from '@nats-io/transport-node'
import t from 'tap'
import { durables, streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { startNats } from '../../../services/platform/test/support/nats.ts'
import { applyDeclarations } from '../apply.ts'

t.test('declarations against streams that hold messages', async (t) => {
  const server = await startNats(t)
  const created = await applyDeclarations(server.url)
  t.ok(created.includes('FEED: created'))
  t.same(await applyDeclarations(server.url), [], 'a second time there is nothing to do')

  const nc = await connect({ servers: server.url })
  t.teardown(() => nc.close())
  const { streams: api, consumers } = await jetstreamManager(nc)
  for (let n = 0; n < 10; n++) await jetstream(nc).publish(subjects.scores, `${n}`)
  const messages = async () => (await api.info(streams.scores)).state.messages

  await t.test('what is stronger or only different is applied, with the messages kept', async (t) => {
    await api.update(streams.scores, { max_age: nanos(3_600_000) })
    await consumers.update(streams.scores, durables.leaderboard, { ack_wait: nanos(1_000), max_ack_pending: 7 })
    t.same(await applyDeclarations(server.url), [
      'SCORES: max_age 3600 s → 86400 s',
      'SCORES leaderboard: ack_wait 1 s → 10 s',
      'SCORES leaderboard: max_ack_pending 7 → 20000',
    ])
    t.equal((await api.info(streams.scores)).config.max_age, nanos(86_400_000))
    t.equal((await consumers.info(streams.scores, durables.leaderboard)).config.ack_wait, nanos(10_000))
    t.equal(await messages(), 10)
  })

  await t.test('what is weaker is refused, with nothing changed, until it is said to be meant', async (t) => {
    await api.update(streams.scores, { max_age: nanos(7 * 86_400_000) })
    await consumers.delete(streams.timers, durables.timers)
    const weaker = /nothing was changed[\s\S]*SCORES: max_age 604800 s → 86400 s[\s\S]*--allow-weaker/
    await t.rejects(applyDeclarations(server.url), { message: weaker })
    await t.rejects(consumers.info(streams.timers, durables.timers), { code: JetStreamApiCodes.ConsumerNotFound })
    t.same(await applyDeclarations(server.url, { allowWeaker: true }), [
      'SCORES: max_age 604800 s → 86400 s',
      `TIMERS ${durables.timers}: created`,
    ])
    t.equal(await messages(), 10)
  })

  await t.test('a full stream refuses and drops nothing; a smaller limit, which would, is refused', async (t) => {
    const before = (await api.info(streams.scores)).config.max_bytes
    await applyDeclarations(server.url, { maxBytes: 640_000 })
    t.equal((await api.info(streams.scores)).config.max_bytes, before, 'a stream that exists keeps its limit')
    const bounded = { maxBytes: 640_000, resize: true }
    await t.rejects(applyDeclarations(server.url, bounded), { message: /SCORES: max_bytes -1 → 64000/ })
    await applyDeclarations(server.url, { ...bounded, allowWeaker: true })
    const js = jetstream(nc)
    const full = { code: 10_077 } // maximum bytes exceeded
    await t.rejects(
      (async () => {
        for (let n = 0; n < 100; n++) await js.publish(subjects.scores, Buffer.alloc(1_000))
      })(),
      full,
    )
    const stored = await messages()
    t.ok(stored > 60 && stored < 80, `${stored} messages`)
    const less = { maxBytes: 64_000, resize: true }
    await t.rejects(applyDeclarations(server.url, less), { message: /SCORES: max_bytes 64000 → 6400/ })
    t.match((await api.info(streams.scores)).state, { messages: stored, first_seq: 1 })
    await applyDeclarations(server.url, { maxBytes: 6_400_000, resize: true })
    t.equal((await js.publish(subjects.scores, 'again')).seq, stored + 1)
    await api.purge(streams.scores, { keep: 10 })
  })

  await t.test('what cannot be changed on a consumer is refused with what to do', async (t) => {
    await consumers.delete(streams.scores, durables.leaderboard)
    await consumers.add(streams.scores, { durable_name: durables.leaderboard, ack_policy: AckPolicy.All })
    const impossible = /SCORES leaderboard: ack_policy all → explicit[\s\S]*nats consumer rm STREAM CONSUMER/
    await t.rejects(applyDeclarations(server.url, { allowWeaker: true }), { message: impossible })
    await consumers.delete(streams.scores, durables.leaderboard)
    t.same(await applyDeclarations(server.url), ['SCORES leaderboard: created'])
    t.equal((await consumers.info(streams.scores, durables.leaderboard)).num_pending, 10)
  })
})
