import { jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import t from 'tap'
import { ACK, type BatchHandler, consume, RETRY, reject } from '#platform/consumer'
import { durables, streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { PodiumError } from '#platform/errors'
import { createLogger } from '#platform/logger'
import type { Publisher } from '#platform/publisher'
import { applyDeclarations } from '../../../deploy/nats/apply.ts'
import { connectBus } from './support/bus.ts'
import { eventually } from './support/eventually.ts'
import { startNats } from './support/nats.ts'
import { silentLogger, testLifecycle } from './support/process.ts'
import type { TestContext } from './support/server.ts'

const encode = (value: string) => new TextEncoder().encode(value)
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

const setUp = async (t: TestContext) => {
  const server = await startNats(t, { streams: true })
  const { nc, publisher, deadLetters } = await connectBus(t, server.url)
  return { server, nc, publisher, deadLetters }
}

const consumeScores = (
  t: TestContext,
  nc: NatsConnection,
  publisher: Publisher,
  handle: BatchHandler,
  logger = silentLogger(),
) =>
  consume({
    nc,
    publisher,
    lifecycle: testLifecycle(t),
    logger,
    stream: streams.scores,
    durable: durables.leaderboard,
    handle,
    maxBatch: 100,
  })

const pendingOf = async (nc: NatsConnection): Promise<number> => {
  const info = await (await jetstreamManager(nc)).consumers.info(streams.scores, durables.leaderboard)
  return info.num_pending + info.num_ack_pending
}

t.test('messages that arrive while a batch is handled become the next batch', async (t) => {
  const { nc, publisher } = await setUp(t)
  const sizes: number[] = []
  await Promise.all(
    Array.from({ length: 1_000 }, (_, index) => publisher.publish(subjects.score('s'), encode(`${index}`))),
  )
  consumeScores(t, nc, publisher, async (batch) => {
    sizes.push(batch.length)
    return batch.map(() => ACK)
  })
  await eventually(async () => (await pendingOf(nc)) === 0)
  t.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    1_000,
  )
  t.ok(sizes.length < 200, `${sizes.length} batches`)
  t.ok(Math.max(...sizes) <= 100)
})

t.test(
  'a retried message comes again, a rejected one goes to the dead letters, a single throw loses nothing',
  async (t) => {
    const { nc, publisher, deadLetters } = await setUp(t)
    const seen: string[] = []
    let thrown = false
    const lines: Record<string, unknown>[] = []
    const destination = { write: (line: string) => void lines.push(JSON.parse(line)) }
    const logger = createLogger({ service: 'test', instance: 'test', level: 'error', destination })
    const handle: BatchHandler = async (batch) => {
      if (!thrown) {
        thrown = true
        throw new Error('the store is unavailable')
      }
      return batch.map(({ payload, attempt }) => {
        const text = decode(payload)
        seen.push(text)
        if (text === 'poison') return reject('undecodable')
        return text === 'later' && attempt < 3 ? { kind: 'retry', delayMs: 10 } : ACK
      })
    }
    consumeScores(t, nc, publisher, handle, logger)
    for (const text of ['good', 'later', 'poison']) await publisher.publish(subjects.score('s'), encode(text))
    await eventually(async () => (await pendingOf(nc)) === 0)
    t.ok(seen.filter((text) => text === 'later').length >= 2)
    const [letter] = await deadLetters(streams.scores)
    t.match(letter, {
      reason: 'undecodable',
      subject: subjects.score('s'),
      payload: encode('poison'),
      traceId: /^[0-9a-f]{32}$/,
    })
    const found = { msg: 'dead letter', level: 50, reason: 'undecodable', trace_id: letter?.traceId }
    t.match(
      lines.filter(({ msg }) => msg === 'dead letter'),
      [found],
      'the log has it under the same id',
    )
  },
)

t.test(
  'a message that makes the handler throw is isolated and dead-lettered, the others do not wait for it',
  async (t) => {
    const { nc, publisher, deadLetters } = await setUp(t)
    const poisonous = new Set(['3', '17'])
    const acked = new Map<string, number>()
    const failedAlone: { readonly text: string; readonly at: number }[] = []
    const handle: BatchHandler = async (batch) => {
      const texts = batch.map(({ payload }) => decode(payload))
      const poison = texts.find((text) => poisonous.has(text))
      if (poison !== undefined) {
        if (batch.length === 1) failedAlone.push({ text: poison, at: performance.now() })
        throw new TypeError(`cannot read ${poison}`)
      }
      for (const [index, text] of texts.entries()) acked.set(text, batch[index]?.attempt ?? 0)
      return batch.map(() => ACK)
    }
    const texts = Array.from({ length: 40 }, (_, index) => String(index))
    for (const text of texts) await publisher.publish(subjects.score('s'), encode(text))
    consumeScores(t, nc, publisher, handle)
    await eventually(async () => (await pendingOf(nc)) === 0)
    const good = texts.filter((text) => !poisonous.has(text))
    t.same([...acked.keys()].toSorted(), good.toSorted())
    t.ok(
      good.every((text) => acked.get(text) === 1),
      'all others with their first delivery',
    )
    for (const text of poisonous) {
      const times = failedAlone.filter((each) => each.text === text).map(({ at }) => at)
      t.equal(times.length, 5, 'a bounded number of attempts')
      const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0))
      t.ok((gaps[0] ?? 0) < (gaps[3] ?? 0), `with growing delay: ${gaps.map(Math.round)}`)
    }
    const letters = await deadLetters(streams.scores)
    t.match(
      letters.toSorted((a, b) => a.streamSequence - b.streamSequence),
      ['3', '17'].map((text) => ({
        subject: subjects.score('s'),
        stream: streams.scores,
        streamSequence: Number(text) + 1,
        reason: 'unexpected-error',
        detail: `TypeError: cannot read ${text}`,
        payload: encode(text),
      })),
    )
  },
)

t.test('an error that says it may succeed later is retried for as long as it takes', async (t) => {
  const { nc, publisher, deadLetters } = await setUp(t)
  let throws = 0
  consumeScores(t, nc, publisher, async (batch) => {
    if (throws < 8) {
      throws += 1
      throw new PodiumError('unavailable')
    }
    return batch.map(() => ACK)
  })
  await publisher.publish(subjects.score('s'), encode('kept'))
  await eventually(async () => throws === 8 && (await pendingOf(nc)) === 0, { timeoutMs: 60_000 })
  t.same(await deadLetters(streams.scores), [])
})

t.test('while a handler hangs no more than two batches are taken from the server', async (t) => {
  const { nc, publisher } = await setUp(t)
  await Promise.all(Array.from({ length: 1_000 }, () => publisher.publish(subjects.score('s'), encode('x'))))
  let goOn = (): void => undefined
  const standing = new Promise<void>((resolve) => {
    goOn = resolve
  })
  let handled = 0
  consumeScores(t, nc, publisher, async (batch) => {
    await standing
    handled += batch.length
    return batch.map(() => ACK)
  })
  const manager = await jetstreamManager(nc)
  const taken = async () => (await manager.consumers.info(streams.scores, durables.leaderboard)).num_ack_pending
  await eventually(async () => (await taken()) === 200)
  for (let look = 0; look < 10; look += 1) t.ok((await taken()) <= 200)
  goOn()
  await eventually(() => handled === 1_000)
  t.equal(handled, 1_000, 'and nothing twice')
})

t.test('a handler that hangs for longer than heartbeats may be missed loses nothing', async (t) => {
  const { nc, publisher } = await setUp(t)
  const seen: string[] = []
  consumeScores(t, nc, publisher, async (batch) => {
    if (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 4_000))
    seen.push(...batch.map(({ payload, attempt }) => `${decode(payload)}, ${attempt}`))
    return batch.map(() => ACK)
  })
  const texts = Array.from({ length: 300 }, (_, index) => String(index))
  for (const text of texts) await publisher.publish(subjects.score('s'), encode(text))
  await eventually(async () => (await pendingOf(nc)) === 0, { timeoutMs: 10_000 })
  t.same(
    seen,
    texts.map((text) => `${text}, 1`),
    'each once, in order, none stranded until its redelivery',
  )
})

t.test('a consumer that was deleted and declared again is found again', async (t) => {
  const { server, nc, publisher } = await setUp(t)
  const seen = new Set<string>()
  consumeScores(t, nc, publisher, async (batch) =>
    batch.map(({ payload }) => {
      seen.add(decode(payload))
      return ACK
    }),
  )
  await publisher.publish(subjects.score('s'), encode('before'))
  await eventually(() => seen.has('before'))
  await (await jetstreamManager(nc)).consumers.delete(streams.scores, durables.leaderboard)
  await publisher.publish(subjects.score('s'), encode('after'))
  await applyDeclarations(server.url)
  await eventually(() => seen.has('after'), { timeoutMs: 20_000 })
  t.pass('the consumer keeps running')
})

t.test('a server that was killed and came back continues with what was not acknowledged', async (t) => {
  const { server, nc, publisher } = await setUp(t)
  const seen: string[] = []
  let refuse = true
  consumeScores(t, nc, publisher, async (batch) =>
    batch.map(({ payload }) => {
      if (refuse) return RETRY
      seen.push(decode(payload))
      return ACK
    }),
  )
  await publisher.publish(subjects.score('s'), encode('kept'))
  await server.kill('SIGKILL')
  refuse = false
  await server.start()
  await eventually(() => seen.includes('kept'), { timeoutMs: 45_000 })
  t.same(seen, ['kept'])
})
