import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import t from 'tap'
import { AnswersRequestSchema, CommandReplySchema } from '#gen/command_pb'
import { QuestionRevealSchema, SessionInternalSchema, SessionStateSchema } from '#gen/feed_pb'
import type { EarnedBatch } from '#gen/score_pb'
import { decodeAnswers } from '#platform/contract/codec/answer'
import { newId } from '#platform/ids'
import { noTelemetry } from '#platform/telemetry'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createAcceptAnswer, createAnswerCounters } from '../../answers/accept-answer.ts'
import { createAnswerBatches } from '../../answers/answer-batches.ts'
import { createAnswerRegisters } from '../../answers/register.ts'
import type { FeedListener, SessionReplica } from '../../sessions/session-replica.ts'
import { createTestPublisher } from '../support/publisher.ts'

const SESSION = newId()
const QUESTION = newId()
const DELAY_MS = 35

/** What `session` says of a player's answer; undefined while that is not certain. */
type Ledger = Map<string, { answerId: string; choice: number } | 'none'>

/** One edge with one session, in which a question opens when the test says so; every PubAck and every score are the test's. */
const createEdge = ({ announced = true } = {}) => {
  const { published, publisher } = createTestPublisher()
  const clock = { now: () => 1_000_000 + clock.at, monotonic: () => clock.at, at: 0 }
  const ledger: Ledger = new Map()
  const asked: (string | undefined)[] = []
  let earn: (batch: EarnedBatch) => void = () => undefined
  let feed: FeedListener = () => undefined
  let lose: () => void = () => undefined
  const state = create(SessionStateSchema, {
    sessionId: SESSION,
    status: 'question_open',
    question: {
      ...{ questionId: QUESTION, index: 0, count: 1, kind: 'single_choice', options: ['a', 'b', 'c'] },
      ...{ opensAtMs: 1_000_100, closesAtMs: 1_010_100, timeLimitMs: 10_000 },
    },
  })
  const replica = {
    ...{ sessionId: SESSION, hostUserId: 'host', position: 1, state, playerCount: 1, opensAtMonotonic: 100 },
    internal: create(SessionInternalSchema, { admitsAnswers: true }),
    isRemoved: () => false,
    isReplaced: () => false,
    hasLeft: () => false,
  } as SessionReplica
  const reply = async (_subject: string, payload: Uint8Array) => {
    const { playerId } = fromBinary(AnswersRequestSchema, payload)
    asked.push(playerId)
    const known = playerId === undefined ? [...ledger] : [...ledger].filter(([id]) => id === playerId)
    const isCertain = playerId === undefined || known.length > 0
    const answers = known.flatMap(([playerId, answer]) =>
      answer === 'none' ? [] : [{ playerId, answerId: answer.answerId, choices: [answer.choice], receivedAtMs: 5 }],
    )
    const value = isCertain
      ? ({ case: 'answers', value: { answers } } as const)
      : ({ case: 'problem', value: { code: 'unavailable', detail: '' } } as const)
    return { data: toBinary(CommandReplySchema, create(CommandReplySchema, { reply: value })) }
  }
  const registers = createAnswerRegisters({
    replicas: {
      onOpen: (listener) => void listener(SESSION),
      onFeed: (listener) => {
        feed = listener
      },
    },
    news: {
      earned: (_sessionId, listener) => {
        earn = listener
        return () => undefined
      },
    },
    link: {
      onDown: (listener) => {
        lose = listener
      },
    },
    nats: { request: reply as never },
    clock,
  })
  const accept = createAcceptAnswer({
    replicas: { ready: () => replica, get: async () => replica },
    questionIds: async () => [QUESTION],
    registers,
    batches: createAnswerBatches({ publisher, partitions: 1, tracing: noTelemetry().tracing }),
    delays: { delayMs: (_, opensAt) => (opensAt === replica.opensAtMonotonic ? DELAY_MS : Number.NaN) },
    validate: (body) => body as never,
    rate: { burst: 1_000, perSecond: 1_000 },
    counters: createAnswerCounters(noTelemetry().metrics),
    clock,
  })
  if (announced) feed(replica, {} as never)
  clock.at = 1_000
  return {
    published,
    clock,
    ledger,
    asked,
    disconnect: () => lose(),
    extend: (byMs: number) => {
      if (state.question !== undefined) state.question.closesAtMs += byMs
      feed(replica, { event: { event: { case: 'questionExtended' } } } as never)
    },
    close: () => {
      state.status = 'question_closed'
      delete state.question
      state.reveal = create(QuestionRevealSchema, { questionId: QUESTION, index: 0, kind: 'single_choice' })
    },
    earned: (playerId: string, answerId: string) =>
      earn({ sessionId: SESSION, answers: [{ playerId, questionId: QUESTION, answerId }] } as never),
    answer: (playerId: string, answerId: string, choice = 0) =>
      accept({
        principal: {
          kind: 'player',
          playerId,
          sessionId: SESSION,
          joinOrder: 1,
          generation: 1,
          nickname: '',
          expiresAt: 0,
        },
        sessionId: SESSION,
        body: () => ({ answerId, questionId: QUESTION, choice }),
        transport: 'http',
      }),
    answersIn: (message: number) =>
      decodeAnswers(published[message]?.payload ?? new Uint8Array()).questions.flatMap(({ answers }) => answers),
  }
}

const isPublished = (edge: ReturnType<typeof createEdge>, count: number) =>
  eventually(() => edge.published.length === count, { what: `${count} messages` })

/** Accepted in the first message. */
const acceptFirst = async (edge: ReturnType<typeof createEdge>, playerId: string, answerId: string) => {
  const accepted = edge.answer(playerId, answerId)
  await isPublished(edge, 1)
  edge.published[0]?.store()
  return accepted
}

t.test('repeats of an answer on its way and of one that is stored have its result, and are no message', async (t) => {
  const edge = createEdge()
  const [first, second] = [edge.answer('ada', 'one'), edge.answer('ada', 'one')]
  await isPublished(edge, 1)
  edge.clock.at = 2_000
  const third = edge.answer('ada', 'one')
  edge.published[0]?.store()
  t.same(await Promise.all([first, second, third, edge.answer('ada', 'one')]), Array(4).fill(await first))
  t.match(await first, { receivedAt: 1_001_000 })
  t.match(edge.answersIn(0), [{ delayMs: DELAY_MS }])
  await t.rejects(edge.answer('ada', 'two'), { code: 'already-answered' })
  await t.rejects(edge.answer('ada', 'one', 1), { code: 'answer-id-reused' })
  t.equal(edge.published.length, 1)
  t.same(edge.asked, [])
})

t.test('a second answer waits for the outcome of the first', async (t) => {
  const edge = createEdge()
  const first = edge.answer('ada', 'one')
  const second = edge.answer('ada', 'two')
  await isPublished(edge, 1)
  edge.published[0]?.store()
  t.match(await first, { answerId: 'one' })
  await t.rejects(second, { code: 'already-answered' })
})

t.test('without a PubAck nothing is final until it is certain', async (t) => {
  const lost = async (edge: ReturnType<typeof createEdge>) => {
    const first = edge.answer('ada', 'one')
    await isPublished(edge, 1)
    edge.published[0]?.fail()
    await t.rejects(first, { code: 'unavailable' })
  }

  await t.test('the same answer is published again, the same to the millisecond', async (t) => {
    const edge = createEdge()
    await lost(edge)
    edge.clock.at = 3_000
    const again = edge.answer('ada', 'one')
    await isPublished(edge, 2)
    t.same(edge.answersIn(1), edge.answersIn(0))
    edge.published[1]?.store()
    t.match(await again, { receivedAt: 1_001_000 })
  })

  await t.test('another answer is neither refused nor taken, while it is not certain', async (t) => {
    const edge = createEdge()
    await lost(edge)
    await t.rejects(edge.answer('ada', 'two'), { code: 'unavailable' })
    edge.ledger.set('ada', { answerId: 'one', choice: 0 })
    await t.rejects(edge.answer('ada', 'two'), { code: 'already-answered' })
    t.match(await edge.answer('ada', 'one'), { receivedAt: 1_001_000 }, 'and the first one is accepted')
    t.equal(edge.published.length, 1)
  })

  await t.test('another answer is taken when the first is certain never to be stored', async (t) => {
    const edge = createEdge()
    await lost(edge)
    edge.ledger.set('ada', 'none')
    const second = edge.answer('ada', 'two')
    await isPublished(edge, 2)
    edge.published[1]?.store()
    t.match(await second, { answerId: 'two' })
  })

  await t.test('after the close it is refused only when that is certain', async (t) => {
    const edge = createEdge()
    await lost(edge)
    edge.close()
    await t.rejects(edge.answer('ada', 'one'), { code: 'unavailable' })
    edge.ledger.set('ada', 'none')
    await t.rejects(edge.answer('ada', 'one'), { code: 'question-closed' })
    const scored = createEdge()
    await lost(scored)
    scored.close()
    scored.earned('ada', 'one')
    t.match(await scored.answer('ada', 'one'), { receivedAt: 1_001_000 }, 'what it earned says that it was stored')
    t.equal(scored.published.length, 1)
  })

  await t.test('published again while it is looked up, it is not forgotten', async (t) => {
    const edge = createEdge()
    await lost(edge)
    edge.ledger.set('ada', 'none')
    const [second, again] = [edge.answer('ada', 'two'), edge.answer('ada', 'one')]
    await isPublished(edge, 2)
    edge.published[1]?.store()
    t.match(await again, { answerId: 'one' })
    await t.rejects(second, { code: 'already-answered' })
    t.equal(edge.published.length, 2)
  })
})

t.test('what another edge accepted is known when it was scored', async (t) => {
  const edge = createEdge()
  edge.earned('ada', 'one')
  await t.rejects(edge.answer('ada', 'two'), { code: 'already-answered' })
  t.same(edge.asked, [])
  edge.ledger.set('ada', { answerId: 'one', choice: 2 })
  t.match(await edge.answer('ada', 'one', 2), { receivedAt: 5 }, 'with the result of the first time')
  await t.rejects(edge.answer('ada', 'one', 1), { code: 'answer-id-reused' })
  t.equal(edge.published.length, 0)
})

t.test('an own acceptance stands, also when another edge was first', async (t) => {
  const edge = createEdge()
  const accepted = await acceptFirst(edge, 'ada', 'one')
  edge.earned('ada', 'two')
  t.same(await edge.answer('ada', 'one'), accepted)
})

t.test('an edge that comes in mid-question asks once who has answered', async (t) => {
  const edge = createEdge({ announced: false })
  edge.ledger.set('ada', { answerId: 'one', choice: 0 })
  const answers = [edge.answer('ada', 'two'), edge.answer('bob', 'b'), edge.answer('cleo', 'c')] as const
  await t.rejects(answers[0], { code: 'already-answered' })
  await isPublished(edge, 1)
  edge.published[0]?.store()
  await Promise.all(answers.slice(1))
  t.same(edge.asked, [undefined])

  await t.test('and again when it was disconnected', async (t) => {
    edge.disconnect()
    edge.ledger.set('dan', { answerId: 'd', choice: 0 })
    await t.rejects(edge.answer('dan', 'other'), { code: 'already-answered' })
    t.same(edge.asked, [undefined, undefined])
  })
})

t.test('a late answer of a player without one is refused when it is certain that there is none', async (t) => {
  const edge = createEdge()
  edge.close()
  await t.rejects(edge.answer('ada', 'one'), { code: 'unavailable' })
  edge.ledger.set('ada', 'none')
  await t.rejects(edge.answer('ada', 'one'), { code: 'question-closed' })
  edge.ledger.set('ada', { answerId: 'one', choice: 0 })
  t.match(await edge.answer('ada', 'one'), { answerId: 'one', receivedAt: 5 })
})

t.test(
  'after an outage the clock alone closes no question: the answer is asked for again, until the extension or the close',
  async (t) => {
    const edge = createEdge()
    const first = edge.answer('ada', 'one')
    await isPublished(edge, 1)
    edge.published[0]?.fail()
    await t.rejects(first, { code: 'unavailable' })
    edge.ledger.set('ada', 'none').set('bob', 'none').set('eve', 'none')
    edge.clock.at = 10_101
    await t.rejects(edge.answer('bob', 'two'), { code: 'unavailable' }, 'its time is up')
    edge.extend(5_000)
    const accepted = edge.answer('bob', 'two')
    await isPublished(edge, 2)
    edge.published[1]?.store()
    t.match(await accepted, { answerId: 'two' })
    edge.clock.at = 15_101
    await t.rejects(edge.answer('eve', 'three'), { code: 'question-closed' }, 'no outage since')
  },
)

t.test('after an outage the word of the session closes a question for good', async (t) => {
  const edge = createEdge()
  edge.disconnect()
  edge.ledger.set('ada', 'none')
  edge.clock.at = 10_101
  await t.rejects(edge.answer('ada', 'one'), { code: 'unavailable' })
  edge.close()
  await t.rejects(edge.answer('ada', 'one'), { code: 'question-closed' })
})
