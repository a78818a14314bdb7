import { AckPolicy, JetStreamApiCodes, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, nanos } from '@nats-io/transport-node'
import t from 'tap'
import { durables, streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { eventually } from '../../../services/platform/test/support/eventually.ts'
import { startNats } from '../../../services/platform/test/support/nats.ts'
import { startServer } from '../../../services/platform/test/support/server.ts'
import { freePort } from '../../local/processes/ports.ts'
import { createNats } from '../../local/servers/nats.ts'
import { applyDeclarations } from '../apply.ts'

t.test('streams of three copies keep them, with their messages, unless fewer are meant', async (t) => {
  const routePorts = [await freePort(), await freePort(), await freePort()]
  const servers = await Promise.all(
    routePorts.map((routePort, index) =>
      startServer(t, (options) =>
        createNats({ ...options, cluster: { serverName: `podium-${index + 1}`, routePort, routePorts } }),
      ),
    ),
  )
  const url = servers.map((server) => server.url).join(',')
  // They elect a leader first, and a stream needs all three of them to be known to it.
  const settled = { timeoutMs: 60_000, intervalMs: 100 }
  await eventually(async () => (await applyDeclarations(url, { replicas: 3 })).length >= 0, settled)
  const nc = await connect({ servers: servers.map(({ port }) => `127.0.0.1:${port}`) })
  t.teardown(() => nc.close())
  const { streams: api } = await jetstreamManager(nc, { timeout: 10_000 })
  for (let n = 0; n < 10; n++) await jetstream(nc, { timeout: 10_000 }).publish(subjects.scores, `${n}`)
  const scores = async () => {
    const { config, state } = await api.info(streams.scores)
    return [config.num_replicas, state.messages]
  }

  t.same(await applyDeclarations(url), [], 'a setup without JS_REPLICAS has nothing to do')
  await api.delete(streams.deadLetters)
  t.same(await applyDeclarations(url), ['DEAD_LETTERS: created'])
  t.equal(
    (await api.info(streams.deadLetters)).config.num_replicas,
    3,
    'a new stream gets as many copies as the others have',
  )
  await t.rejects(applyDeclarations(url, { replicas: 1 }), { message: /SCORES: num_replicas 3 → 1/ })
  t.same(await scores(), [3, 10])
  t.ok((await applyDeclarations(url, { replicas: 1, allowWeaker: true })).includes('SCORES: num_replicas 3 → 1'))
  await eventually(async () => (await scores()).join() === '1,10', settled)
  t.ok((await applyDeclarations(url, { replicas: 3 })).includes('SCORES: num_replicas 1 → 3'))
  await eventually(async () => (await scores()).join() === '3,10', settled)
})

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
