import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { decodeAnswers } from '#platform/contract/codec/answer'
import { partitionOf } from '#platform/contract/streams'
import { PodiumError } from '#platform/errors'
import { newId } from '#platform/ids'
import { noTracing } from '#platform/telemetry/tracing'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createAnswerBatches, type OwnAnswer } from '../../answers/answer-batches.ts'
import { createTestPublisher } from '../support/publisher.ts'

const answer = (changes: Partial<OwnAnswer> = {}): OwnAnswer => ({
  answerId: 'a',
  playerId: newId(),
  joinOrder: 1,
  choices: [1],
  receivedAtMs: 1,
  elapsedMs: 1,
  delayMs: 0,
  state: 'pending',
  stored: undefined,
  ...changes,
})

const question = (sessionId = newId()) => ({ sessionId, questionId: newId(), questionIndex: 0 })

const setUp = (options: { partitions?: number; maxUnanswered?: number; maxAnswers?: number } = {}) => {
  const { published, publisher } = createTestPublisher()
  const batches = createAnswerBatches({ publisher, partitions: 1, tracing: noTracing, ...options })
  const sizes = () =>
    published.map(({ payload }) => decodeAnswers(payload).questions.map(({ answers }) => answers.length))
  return { published, batches, sizes }
}

t.test('what comes in one turn is one message, by question, and one PubAck accepts all of it', async (t) => {
  const { published, batches, sizes } = setUp()
  const [one, other] = [question(), question()]
  const answers = Array.from({ length: 5 }, () => answer())
  const stored = answers.map((each, index) => batches.append(index === 2 ? other : one, each))
  t.equal(published.length, 0)
  await eventually(() => published.length > 0)
  t.same(sizes(), [[4, 1]])
  t.ok(answers.every(({ state }) => state === 'pending'))
  published[0]?.store()
  await Promise.all(stored)
  t.ok(answers.every(({ state, stored }) => state === 'accepted' && stored === undefined))
})

t.test('without a PubAck the outcome of each answer is unknown', async (t) => {
  const { published, batches } = setUp()
  const answers = [answer(), answer()]
  const stored = answers.map((each) => batches.append(question(), each))
  await eventually(() => published.length > 0)
  published[0]?.fail()
  for (const each of stored) await t.rejects(each, { code: 'unavailable' })
  t.ok(answers.every(({ state }) => state === 'unknown'))
})

t.test('a message holds no more than it may', async (t) => {
  const { batches, published, sizes } = setUp({ maxAnswers: 2 })
  const one = question()
  for (let count = 0; count < 5; count += 1) void batches.append(one, answer())
  await eventually(() => published.length === 3)
  t.same(sizes(), [[2], [2], [1]])
  const { batches: large, published: messages } = setUp()
  for (let count = 0; count < 3; count += 1) void large.append(one, answer({ text: 'ä'.repeat(50_000) }))
  await eventually(() => messages.length === 2)
})

t.test('while too many wait a further answer is refused at once, and takes nothing', async (t) => {
  const { published, batches } = setUp({ maxUnanswered: 2 })
  const stored = [batches.append(question(), answer()), batches.append(question(), answer())]
  const refused = answer({ state: 'unknown' })
  await t.rejects(batches.append(question(), refused), new PodiumError('unavailable'))
  t.match(refused, { state: 'unknown', stored: undefined })
  await eventually(() => published.length > 0)
  published[0]?.store()
  await Promise.all(stored)
  const next = batches.append(question(), answer())
  await eventually(() => published.length === 2)
  published[1]?.store()
  await t.resolves(next)
})

t.test('while many messages have no PubAck answers wait and become a larger one', async (t) => {
  const { published, batches, sizes } = setUp({ maxAnswers: 1_000 })
  const one = question()
  for (let count = 1; count <= 16; count += 1) {
    void batches.append(one, answer())
    await eventually(() => published.length === count)
  }
  for (let count = 0; count < 3; count += 1) {
    void batches.append(one, answer())
    await nextTurn()
  }
  t.equal(published.length, 16)
  published[3]?.store()
  await eventually(() => published.length === 17)
  t.same(sizes().at(-1), [3])
})

t.test('a session has one partition for good', async (t) => {
  const { published, batches } = setUp({ partitions: 3 })
  const questions = Array.from({ length: 30 }, () => question())
  for (const each of questions) void batches.append(each, answer())
  await eventually(() => published.length === 3)
  for (const { subject, payload } of published) {
    const partition = Number(subject.at(-1))
    for (const { sessionId } of decodeAnswers(payload).questions) t.equal(partitionOf(sessionId, 3), partition)
  }
})
