import { Writable } from 'node:stream'
import { inspect } from 'node:util'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { subjects, wildcards } from '#platform/contract/subjects'
import { createLifecycle } from '#platform/lifecycle'
import type { Logger } from '#platform/logger'
import { connectNats, natsOptions } from '#platform/nats'
import { createPublisher } from '#platform/publisher'
import type { NatsUser } from '../../../deploy/nats/permissions.ts'
import { eventually } from './support/eventually.ts'
import { startNatsWithUsers } from './support/nats.ts'

const createTestLogger = () => {
  const lines: string[] = []
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk))
      done()
    },
  })
  return { lines, logger: pino(stream) as Logger }
}

/** As a service of that name connects; `exitCode` is set when the process would have ended. */
const connectAs = async (t: Test, url: string, service: NatsUser) => {
  const { lines, logger } = createTestLogger()
  const ended: { code?: number | string | null | undefined } = {}
  const proc = { on: () => proc, exit: (code: number) => Object.assign(ended, { code }) } as unknown as NodeJS.Process
  const lifecycle = createLifecycle(logger, proc)
  const nc = await connectNats({ url, service, name: 'test', logger, lifecycle })
  t.teardown(() => lifecycle.stop('test over'))
  lifecycle.ready()
  return { nc, lifecycle, lines, ended }
}

t.test('the address of NATS', async (t) => {
  t.same(natsOptions('nats://edge:p%40ss1@a:4222,nats://b', 'edge'), {
    servers: ['a:4222', 'b'],
    inboxPrefix: '_INBOX_edge',
    user: 'edge',
    pass: 'p@ss1',
  })
  t.same(natsOptions('tls://a', 'edge'), { servers: ['a'], inboxPrefix: '_INBOX_edge', tls: {} })
})

t.test('rights that are missing are noticed', async (t) => {
  const server = await startNatsWithUsers(t)

  await t.test('a service with the rights it needs is ready and publishes', async (t) => {
    const { nc, lifecycle } = await connectAs(t, server.urlOf('scorer'), 'scorer')
    const publisher = createPublisher(nc)
    t.match(await publisher.publish(subjects.score('s'), Uint8Array.of(1)), { kind: 'stored' })
    t.ok(lifecycle.isReady())
  })

  await t.test('who publishes where it may not says so, and is not ready', async (t) => {
    const { nc, lifecycle, lines, ended } = await connectAs(t, server.urlOf('scorer'), 'scorer')
    const publisher = createPublisher(nc, { timeoutMs: 200 })
    await t.rejects(publisher.publish(subjects.answers(0), Uint8Array.of(1)), { code: 'unavailable' })
    t.notOk(lifecycle.isReady())
    const line = lines.find((text) => text.includes('NATS permissions violation'))
    t.match(JSON.parse(line ?? '{}'), { level: 50, operation: 'publish', subject: subjects.answers(0) })
    t.equal(ended.code, undefined)
  })

  await t.test('a reply that is not allowed is logged, and disturbs no other', async (t) => {
    const { nc, lifecycle, lines } = await connectAs(t, server.urlOf('session'), 'session')
    nc.publish('_INBOX_admin.1')
    await eventually(() => lines.some((text) => text.includes('NATS permissions violation')))
    t.ok(lifecycle.isReady())
  })

  await t.test('who is refused a subscription ends: it would be deaf', async (t) => {
    const { nc, lines, ended } = await connectAs(t, server.urlOf('scorer'), 'scorer')
    nc.subscribe(wildcards.answers, { callback: () => undefined })
    await eventually(() => ended.code === 1)
    t.match(lines.join(''), /NATS permissions violation: subscription refused/)
  })

  await t.test('who takes the rights of another service ends: its inbox is not theirs', async (t) => {
    const { nc, ended } = await connectAs(t, server.urlOf('scorer'), 'evaluator')
    createPublisher(nc)
    await eventually(() => ended.code === 1)
  })

  await t.test('a wrong password ends the start instead of being tried for ever, and is not logged', async (t) => {
    const url = server.urlOf('edge').replace(':ptest', ':psecret')
    const error = await connectAs(t, url, 'edge').catch((cause: Error) => cause)
    t.match(error, { message: /authorization/i })
    t.notMatch(inspect(error), /psecret/)
  })
})
