import { type ConsumerConfig, StorageType, type StreamConfig } from '@nats-io/jetstream'
import fc from 'fast-check'
import t from 'tap'
import { consumerChanges, describeChange, streamChanges } from '../changes.ts'
import { consumerDeclarations, streamDeclarations } from '../declarations.ts'

const FEED: Partial<StreamConfig> = streamDeclarations(1).find(({ name }) => name === 'FEED') ?? {}
const [WORKER = {}] = consumerDeclarations(1).map(({ config }) => config)

/** As a server gives it back: with its defaults. */
const onServer = { ...FEED, num_replicas: 3, max_bytes: -1, max_msgs: -1, max_msgs_per_subject: -1, max_msg_size: -1 }
const kinds = (declared: Partial<StreamConfig>) =>
  streamChanges(onServer as Partial<StreamConfig>, declared).map(({ field, kind }) => `${field} ${kind}`)

t.test('a declaration that the server has already changes nothing', async (t) => {
  for (const declared of streamDeclarations(4)) t.same(streamChanges(declared, declared), [], declared.name)
  t.same(kinds(FEED), [], 'defaults that the server adds are no difference')
  t.same(kinds({ ...FEED, subjects: [...(FEED.subjects ?? [])].reverse() }), [])
  for (const { config } of consumerDeclarations(4))
    t.same(consumerChanges(config, config), [], `${config.durable_name}`)
})

t.test('less than there is, is weaker; more is a change', async (t) => {
  t.same(kinds({ num_replicas: 1 }), ['num_replicas weaker'])
  t.same(kinds({ num_replicas: 5 }), ['num_replicas change'])
  t.same(kinds({ max_age: 1 }), ['max_age weaker'])
  t.same(kinds({ max_age: 0 }), ['max_age change'], '0 is for ever')
  t.same(kinds({ max_bytes: 1_000 }), ['max_bytes weaker'])
  t.same(kinds({ duplicate_window: 1 }), ['duplicate_window weaker'])
  t.same(
    kinds({ subjects: ['other'] }),
    ['subjects weaker'],
    'what is published on the former subject is stored nowhere',
  )
  t.same(kinds({ subjects: [...(FEED.subjects ?? []), 'one.more'] }), ['subjects change'])
  t.same(kinds({ allow_direct: false }), ['allow_direct change'])
})

t.test('what no server changes is impossible', async (t) => {
  t.same(kinds({ storage: StorageType.Memory }), ['storage impossible'])
  const changes = consumerChanges(WORKER, { ...WORKER, max_waiting: 1 } as Partial<ConsumerConfig>)
  t.match(changes, [{ field: 'max_waiting', kind: 'impossible' }])
})

t.test('a consumer keeps where it began, and its times can change', async (t) => {
  const setBack = { ...WORKER, deliver_policy: 'by_start_sequence', opt_start_seq: 17 } as Partial<ConsumerConfig>
  t.same(consumerChanges(setBack, WORKER), [])
  t.match(consumerChanges(WORKER, { ...WORKER, ack_wait: 5e9 }), [{ field: 'ack_wait', kind: 'change' }])
  t.match(consumerChanges(WORKER, { ...WORKER, max_deliver: 5 }), [{ field: 'max_deliver', kind: 'weaker' }])
})

t.test('a change that is weaker in one direction is not in the other', async () => {
  const limits = fc.record({
    num_replicas: fc.constantFrom(1, 3, 5),
    max_age: fc.nat(),
    max_bytes: fc.integer({ min: -1 }).filter((n) => n !== 0),
    max_msgs_per_subject: fc.integer({ min: -1 }).filter((n) => n !== 0),
  })
  fc.assert(
    fc.property(limits, limits, (a, b) => {
      const weaker = (from: typeof a, to: typeof a) =>
        streamChanges(from, to).flatMap(({ field, kind }) => (kind === 'weaker' ? [field] : []))
      const [there, back] = [weaker(a, b), weaker(b, a)]
      const different = Object.keys(a).filter((key) => a[key as keyof typeof a] !== b[key as keyof typeof b])
      return (
        there.every((field) => !back.includes(field)) && [...there, ...back].sort().join() === different.sort().join()
      )
    }),
  )
})

t.test('a change is said in units that people read', async (t) => {
  const change = { field: 'max_age', from: 7_200e9, to: 60e9, kind: 'weaker' } as const
  t.equal(describeChange('FEED', change), 'FEED: max_age 7200 s → 60 s')
  t.equal(
    describeChange('FEED', { field: 'max_bytes', from: undefined, to: 5, kind: 'change' }),
    'FEED: max_bytes not set → 5',
  )
})
