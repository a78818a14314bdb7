import fc from 'fast-check'
import t from 'tap'
import { createRuleBook, RULES } from '../../game/scoring/rules.ts'
import { newestOf, type Totals } from '../../game/scoring/totals.ts'
import { createScoreAnswers, type EvaluatedBatch, type Ledger, type SessionScores } from '../score-answers.ts'
import { anyAnswers, anyDelivery, createSession } from './support/evaluations.ts'
import { createMemoryLedger } from './support/memory-ledger.ts'

const createScorer = (ledger: Ledger = createMemoryLedger(), ruleOf = createRuleBook(RULES)) => {
  const published: SessionScores[] = []
  const publish = async (sessions: readonly SessionScores[]) => void published.push(...sessions)
  return { published, score: createScoreAnswers(ledger, publish, ruleOf) }
}

/** What a receiver holds in the end, by player. */
const newest = (published: readonly SessionScores[]): ReadonlyMap<string, Totals> =>
  new Map(
    newestOf(published.flatMap(({ totals }) => totals))
      .map((totals) => [totals.playerId, totals] as const)
      .sort(),
  )

const deliver = async (batches: readonly EvaluatedBatch[], calls = 1): Promise<ReadonlyMap<string, Totals>> => {
  const { score, published } = createScorer()
  for (let start = 0; start < batches.length; start += calls) await score(batches.slice(start, start + calls))
  return newest(published)
}

t.test('a correct answer raises the score by the points of its rule', async (t) => {
  const session = createSession({ players: 2 })
  const { score, published } = createScorer()
  const right = session.evaluation(0, 0, { elapsedMs: 10_000 })
  const wrong = session.evaluation(1, 0, { creditNumerator: 0 })
  t.same(await score([session.batch([right, wrong])]), [])
  t.match(published, [
    {
      sessionId: session.sessionId,
      totals: [
        {
          playerId: right.playerId,
          version: 1,
          score: 750,
          correctAnswers: 1,
          correctMs: 10_000,
          streak: 1,
          answered: Uint8Array.of(1),
        },
        {
          playerId: wrong.playerId,
          version: 1,
          score: 0,
          correctAnswers: 0,
          correctMs: 0,
          streak: 0,
          answered: Uint8Array.of(1),
        },
      ],
      earned: [
        { playerId: right.playerId, points: 750, correct: true, score: 750, streak: 1 },
        { playerId: wrong.playerId, points: 0, correct: false, score: 0, streak: 0 },
      ],
      progress: [{ questionIndex: 0, answerCount: 2 }],
    },
  ])
})

t.test('any permutation and duplication of deliveries ends with the same totals', async () => {
  const session = createSession({ players: 3, questions: 4 })
  await fc.assert(
    fc.asyncProperty(
      anyAnswers(session).chain((answers) =>
        fc.tuple(fc.constant(answers), anyDelivery(answers), fc.integer({ min: 1, max: 3 })),
      ),
      async ([answers, delivery, calls]) => {
        const inOrder = await deliver([session.batch(answers)])
        const shuffled = await deliver(delivery.map(session.batch), calls)
        return JSON.stringify([...inOrder]) === JSON.stringify([...shuffled])
      },
    ),
    { numRuns: 200 },
  )
})

t.test('the streak bonus depends on the order of the questions, not of the answers', async (t) => {
  const session = createSession({ players: 1, questions: 3, rule: { name: 'flat' } })
  const answers = [0, 1, 2].map((question) => session.evaluation(0, question))
  const scoreOf = async (order: readonly number[]) => {
    const totals = await deliver(order.map((index) => session.batch(answers.slice(index, index + 1))))
    return totals.get(session.playerIds[0] ?? '')
  }
  for (const order of [
    [0, 1, 2],
    [2, 0, 1],
    [1, 2, 0],
  ])
    t.match(await scoreOf(order), { score: 3_150, streak: 3 })
})

t.test('without streak bonus the score is the sum of the points', async (t) => {
  const session = createSession({ players: 1, rule: { name: 'flat', streakBonus: false } })
  const totals = await deliver([session.batch([0, 1, 2].map((question) => session.evaluation(0, question)))])
  t.match([...totals.values()], [{ score: 3_000, streak: 3 }])
})

t.test('a batch by a rule that does not exist is not scored, others with it are', async (t) => {
  const [known, unknown] = [createSession({}), createSession({ rule: { version: 9 } })]
  const { score, published } = createScorer()
  const refused = await score([unknown.batch([unknown.evaluation(0, 0)]), known.batch([known.evaluation(0, 0)])])
  t.match(refused, [{ sessionId: unknown.sessionId, reason: 'unknown-rule' }])
  t.equal(refused.length, 1)
  t.same(
    published.map(({ sessionId }) => sessionId),
    [known.sessionId],
  )
})

t.test('a session played by version 1 scores the same after another version of its rule has come', async (t) => {
  const [speed] = RULES
  if (speed === undefined) throw new Error('there is no rule')
  const later = createRuleBook([...RULES, { ...speed, version: 9, points: () => 1, streakBonus: () => 1 }])
  const session = createSession({ players: 2 })
  const batch = session.batch(
    [0, 1, 2].flatMap((question) => [0, 1].map((player) => session.evaluation(player, question))),
  )
  const [now, then] = [createScorer(), createScorer(createMemoryLedger(), later)]
  await now.score([batch])
  await then.score([batch])
  t.same(then.published, now.published)
})

t.test('an entry that the ledger refuses does not take the others with it', async (t) => {
  const session = createSession({ players: 5 })
  const bad = session.evaluation(3, 0)
  const memory = createMemoryLedger()
  const ledger: Ledger = {
    record: async (entries) =>
      entries.some(({ evaluation }) => evaluation === bad) ? 'refused' : memory.record(entries),
  }
  const { score, published } = createScorer(ledger)
  const good = [0, 1, 2, 4].map((player) => session.evaluation(player, 0))
  const [first, ...others] = good
  const refused = await score([session.batch(first === undefined ? [] : [first]), session.batch([bad, ...others])])
  t.same(refused, [{ sessionId: session.sessionId, evaluation: bad, reason: 'refused-by-ledger' }])
  t.same([...newest(published).keys()], good.map(({ playerId }) => playerId).sort())
})

t.test('an evaluation that makes the rule throw does not take the others with it', async (t) => {
  const [speed] = RULES
  if (speed === undefined) throw new Error('there is no rule')
  const session = createSession({ players: 2 })
  const [good, bad] = [session.evaluation(0, 0), session.evaluation(1, 0, { elapsedMs: 7 })]
  const points: typeof speed.points = (terms) => {
    if (terms.elapsedMs === 7) throw new RangeError('no such time')
    return speed.points(terms)
  }
  const { score, published } = createScorer(createMemoryLedger(), createRuleBook([{ ...speed, points }]))
  t.match(await score([session.batch([bad, good])]), [{ evaluation: bad, reason: 'unexpected-error' }])
  t.same([...newest(published).keys()], [good.playerId])
})

t.test('of two answers of a player the first counts, and what is earned names it', async (t) => {
  const session = createSession({ players: 1 })
  const { score, published } = createScorer()
  const [first, second] = [session.evaluation(0, 0), session.evaluation(0, 0, { answerId: 'second' })]
  await score([session.batch([first])])
  await score([session.batch([second])])
  t.match(published.at(-1)?.earned, [{ answerId: first.answerId, playerId: first.playerId }])
})

t.test('no statement gets more answers than it may', async (t) => {
  const session = createSession({ players: 5 })
  const memory = createMemoryLedger()
  const sizes: number[] = []
  const ledger: Ledger = {
    record: (entries) => {
      sizes.push(entries.length)
      return memory.record(entries)
    },
  }
  const score = createScoreAnswers(ledger, async () => undefined, createRuleBook(RULES), 2)
  await score([session.batch([0, 1, 2, 3, 4].map((player) => session.evaluation(player, 0)))])
  t.same(sizes, [2, 2, 1])
})
