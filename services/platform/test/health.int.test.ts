import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import t from 'tap'
import { streams } from '#platform/contract/streams'
import { createJetStreamProbe } from '#platform/health'
import { createPublisher } from '#platform/publisher'
import { startNats } from './support/nats.ts'

t.test('JetStream is proved by storing a message', async (t) => {
  const server = await startNats(t, { streams: true })
  const nats = await connect({ servers: server.url })
  t.teardown(() => nats.close())
  const manager = await jetstreamManager(nats)
  const stored = async () => (await manager.streams.info(streams.probes)).state
  const publisher = createPublisher(nats)

  await t.test('once per period, and one message is kept', async (t) => {
    const probe = createJetStreamProbe({ publisher })
    t.same(await Promise.all([probe(), probe(), probe()]), [true, true, true])
    t.equal((await stored()).last_seq, 1)
    const eager = createJetStreamProbe({ publisher, everyMs: -1 })
    for (let n = 0; n < 5; n++) t.equal(await eager(), true)
    t.match(await stored(), { last_seq: 6, messages: 2 })
  })

  await t.test('it is false when nothing can be stored, and without an answer in time', async (t) => {
    await manager.streams.delete(streams.probes)
    t.equal(await createJetStreamProbe({ publisher })(), false)
    await server.kill('SIGSTOP')
    t.teardown(() => server.kill('SIGCONT'))
    t.equal(await createJetStreamProbe({ publisher, timeoutMs: 50 })(), false)
  })
})
