import t from 'tap'
import { type AnswerStore, memoryStore } from '../src/index.ts'
import { createOutbox, MAX_PENDING, type PendingAnswer } from '../src/outbox.ts'

const answer = (answerId: string, more: Partial<PendingAnswer> = {}): PendingAnswer => ({
  answerId,
  questionId: 'q',
  content: { choice: 1 },
  madeAt: Date.now(),
  ...more,
})
const outboxOf = (store: AnswerStore, onError: (error: unknown) => void = () => undefined) =>
  createOutbox({ store, key: 'k', onError })
const idsOf = async (outbox: ReturnType<typeof outboxOf>) =>
  (await outbox.pending(1_000)).map(({ answerId }) => answerId)

t.test('what waits is there after the app was started again, until it is decided', async (t) => {
  const store = memoryStore()
  const first = outboxOf(store)
  await first.add(answer('a'))
  await first.add(answer('b', { content: { text: 'went' } }))
  await first.add(answer('b'))
  const second = outboxOf(store)
  t.strictSame((await second.pending(1_000))[1]?.content, { text: 'went' })
  await second.remove(['a'])
  t.strictSame(await idsOf(outboxOf(store)), ['b'])
  await second.remove(['b', 'unknown'])
  t.equal(await store.get('k'), undefined, 'nothing is left behind')
})

t.test('what is too old, damaged or of another shape is not sent', async (t) => {
  const store = memoryStore()
  const kept = [
    answer('old', { madeAt: Date.now() - 11 * 60_000 }),
    { answerId: 7 },
    null,
    answer('good'),
    answer('x', { traceparent: 'y' }),
  ]
  await store.put('k', JSON.stringify(kept))
  t.strictSame(await idsOf(outboxOf(store)), ['good'])
  await store.put('k', '{"damaged":')
  t.strictSame(await idsOf(outboxOf(store)), [])
})

t.test('it has a bound', async (t) => {
  const outbox = outboxOf(memoryStore())
  for (let count = 0; count < MAX_PENDING; count++) await outbox.add(answer(`a${count}`))
  await t.rejects(outbox.add(answer('one too many')), { code: 'client-outbox-full' })
})

t.test('a store that fails or hangs holds no answer back', async (t) => {
  const errors: unknown[] = []
  const broken = async () => {
    throw new Error('disk full')
  }
  const outbox = outboxOf({ get: broken, put: broken, delete: broken }, (error) => errors.push(error))
  await outbox.add(answer('a'))
  t.strictSame(await idsOf(outbox), ['a'])
  t.ok(errors.length > 0, 'the app gets the error')
  const never = () => new Promise<never>(() => undefined)
  const began = Date.now()
  await outboxOf({ get: never, put: never, delete: never }).add(answer('a'))
  t.ok(Date.now() - began < 1_000)
})
