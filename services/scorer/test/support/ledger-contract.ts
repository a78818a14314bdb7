import fc from 'fast-check'
import type { Test } from 'tap'
import type { Entry, EvaluatedBatch, Ledger, Recorded } from '../../score-answers.ts'
import { anyAnswers, anyDelivery, createSession } from './evaluations.ts'
import { createMemoryLedger } from './memory-ledger.ts'

export const entriesOf = ({ sessionId, questionCount, rule, questions, evaluations }: EvaluatedBatch): Entry[] =>
  evaluations.flatMap((evaluation) => {
    const question = questions[evaluation.questionIndex]
    if (question === undefined) return []
    const points = Math.floor((100 * evaluation.creditNumerator) / evaluation.creditDenominator)
    return [{ term: { sessionId, questionCount, rule, question }, evaluation, points }]
  })

export const recordedBy = async (ledger: Ledger, entries: readonly Entry[]): Promise<Recorded> => {
  const recorded = await ledger.record(entries)
  if (recorded === 'refused') throw new Error('the ledger refused the entries')
  return recorded
}

/** What every ledger promises; run against each of them. */
export const testLedgerContract = (t: Test, createLedger: (t: Test) => Promise<Ledger>): void => {
  t.test('an entry counts once, and every call returns what is counted', async (t) => {
    const ledger = await createLedger(t)
    const session = createSession({ players: 2 })
    const [ada, bob] = [session.evaluation(0, 1, { elapsedMs: 700 }), session.evaluation(1, 1, { creditNumerator: 0 })]
    const first = await recordedBy(ledger, entriesOf(session.batch([ada, bob])))
    t.match(byPlayer(first.sums), [
      {
        playerId: ada.playerId,
        version: 1,
        points: 100,
        correctAnswers: 1,
        correctMs: 700,
        answered: '010',
        correct: '010',
      },
      {
        playerId: bob.playerId,
        version: 1,
        points: 0,
        correctAnswers: 0,
        correctMs: 0,
        answered: '010',
        correct: '000',
      },
    ])
    t.same(first.progress, [{ sessionId: session.sessionId, questionIndex: 1, answerCount: 2 }])
    t.same(first.counted, [
      { answerId: ada.answerId, points: 100, correct: true },
      { answerId: bob.answerId, points: 0, correct: false },
    ])
    const again = await recordedBy(ledger, entriesOf(session.batch([bob, ada])))
    t.same(byPlayer(again.sums), byPlayer(first.sums))
    t.same(again.progress, first.progress)
    t.same(again.counted, first.counted.toReversed())
  })

  t.test('of two different answers to one question the first counts, also in the result of the second', async (t) => {
    const ledger = await createLedger(t)
    const session = createSession({ players: 1 })
    const [right, wrong] = [session.evaluation(0, 0), session.evaluation(0, 0, { creditNumerator: 0, elapsedMs: 1 })]
    await recordedBy(ledger, entriesOf(session.batch([right])))
    const second = await recordedBy(ledger, entriesOf(session.batch([wrong])))
    t.same(second.counted, [{ answerId: right.answerId, points: 100, correct: true }])
    t.match(second.sums, [{ version: 1, points: 100, correctMs: right.elapsedMs }])
  })

  t.test('an entry that is several times in one call counts once, and old and new ones mix', async (t) => {
    const ledger = await createLedger(t)
    const session = createSession({ players: 2 })
    const [first, second, third] = [0, 1, 2].map((question) => session.evaluation(0, question))
    if (first === undefined || second === undefined || third === undefined) throw new Error('three questions')
    await recordedBy(ledger, entriesOf(session.batch([first])))
    const batches = [session.batch([second, first, second]), session.batch([third, session.evaluation(1, 2)])]
    const mixed = await recordedBy(ledger, batches.flatMap(entriesOf))
    t.match(byPlayer(mixed.sums), [
      { version: 3, points: 300, answered: '111' },
      { version: 1, points: 100, answered: '001' },
    ])
    t.equal(mixed.counted.length, 5)
    t.same(
      mixed.progress.toSorted((a, b) => a.questionIndex - b.questionIndex).map(({ answerCount }) => answerCount),
      [1, 1, 2],
    )
  })

  t.test('sessions do not touch each other', async (t) => {
    const ledger = await createLedger(t)
    const [one, two] = [createSession({ questions: 1 }), createSession({ questions: 12 })]
    const entries = [one.batch([one.evaluation(0, 0)]), two.batch([two.evaluation(0, 11)])].flatMap(entriesOf)
    const { sums, progress } = await recordedBy(ledger, entries)
    t.same(sums.map(({ answered }) => answered).sort(), ['000000000001', '1'])
    t.equal(progress.length, 2)
  })

  t.test('any order, repetition and cutting of the same entries ends the same', async (t) => {
    const ledger = await createLedger(t)
    await fc.assert(
      fc.asyncProperty(
        fc.constant(null).chain(() => {
          const session = createSession({ players: 3, questions: 3 })
          return anyAnswers(session).chain((answers) =>
            fc.tuple(fc.constant(session), fc.constant(answers), anyDelivery(answers)),
          )
        }),
        async ([session, answers, delivery]) => {
          const expected = await recordedBy(createMemoryLedger(), entriesOf(session.batch(answers)))
          for (const batch of delivery) await recordedBy(ledger, entriesOf(session.batch(batch)))
          const recorded = await recordedBy(ledger, entriesOf(session.batch(answers)))
          t.same(byPlayer(recorded.sums), byPlayer(expected.sums))
          t.same(recorded.counted, expected.counted)
        },
      ),
      { numRuns: 20 },
    )
  })
}

const byPlayer = (sums: Recorded['sums']): Recorded['sums'] => sums.toSorted((a, b) => a.joinOrder - b.joinOrder)
