import t from 'tap'
import { readKey } from '../../game/kinds/kinds.ts'
import { latestTextRule } from '../../game/text.ts'
import {
  type AcceptedAnswers,
  type Answer,
  createEvaluateAnswers,
  type HandOn,
  type KeysOutcome,
  type Outcome,
  type SessionEvaluations,
} from '../evaluate-answers.ts'

const question = (index: number, evaluate = readKey('single_choice', { options: [1] }, latestTextRule)) => ({
  index,
  questionId: `q${index}`,
  points: 1_000,
  timeLimitMs: 20_000,
  evaluate,
})

const broken = () => {
  throw new Error('broken')
}

const keys: KeysOutcome = {
  questions: [question(0), { ...question(1), evaluate: undefined }, question(2, broken)],
  rule: { name: 'speed', version: 1, streakBonus: false },
}

const answer = (changes: Partial<Answer> = {}): Answer => ({
  answerId: 'a',
  playerId: 'p',
  joinOrder: 1,
  receivedAtMs: 0,
  elapsedMs: 0,
  delayMs: 0,
  choices: [1],
  ...changes,
})

/** Answers to one question, by default one. */
const to = (sessionId: string, index = 0, answers = [answer()], questionId = `q${index}`): AcceptedAnswers => ({
  sessionId,
  questionId,
  questionIndex: index,
  answers,
})

const createEvaluator = (sessions: Readonly<Record<string, KeysOutcome>>, refuse: HandOn = async () => []) => {
  const handedOn: SessionEvaluations[] = []
  const asked: (readonly string[])[] = []
  const evaluate = createEvaluateAnswers(
    async (ids) => {
      asked.push(ids)
      return new Map(ids.map((id) => [id, sessions[id] ?? 'unknown-session']))
    },
    (evaluations) => {
      handedOn.push(...evaluations)
      return refuse(evaluations)
    },
  )
  return { evaluate, handedOn, asked }
}

const reasons = ({ rejected }: Outcome) =>
  rejected.map(({ from, answer, reason }) => [from.sessionId, answer.playerId, reason])

t.test('answers are handed on once per session, with their credit and the terms of their questions', async (t) => {
  const { evaluate, handedOn, asked } = createEvaluator({ s: keys, r: keys })
  const wrong = answer({ playerId: 'other', choices: [0], elapsedMs: 90_000 })
  const outcome = await evaluate([to('s'), to('r', 0, [wrong]), to('s', 0, [wrong])])
  t.same(outcome, { rejected: [], unavailable: new Set() })
  t.same(asked, [['s', 'r']])
  t.match(handedOn, [
    {
      sessionId: 's',
      questionCount: 3,
      questions: { length: 1, 0: { index: 0, questionId: 'q0', points: 1_000, timeLimitMs: 20_000 } },
      evaluations: [
        { playerId: 'p', creditNumerator: 1, creditDenominator: 1 },
        { playerId: 'other', creditNumerator: 0, elapsedMs: 20_000 },
      ],
    },
    { sessionId: 'r', evaluations: [{ creditNumerator: 0 }] },
  ])
})

t.test('an answer that cannot be evaluated has its reason, and others are handed on', async (t) => {
  const { evaluate, handedOn } = createEvaluator({ s: keys, down: 'unavailable' })
  const down = to('down')
  const outcome = await evaluate([
    to('nowhere'),
    to('s', 7),
    to('s', 0, [answer()], 'q7'),
    to('s', 1),
    to('s', 2),
    down,
    to('s'),
  ])
  t.same(reasons(outcome), [
    ['nowhere', 'p', 'unknown-session'],
    ['s', 'p', 'unknown-question'],
    ['s', 'p', 'question-mismatch'],
    ['s', 'p', 'unusable-key'],
    ['s', 'p', 'unexpected-error'],
  ])
  t.same([...outcome.unavailable], [down])
  t.match(handedOn, [{ sessionId: 's', evaluations: { length: 1 } }])
})

t.test('what can never be scored is rejected, and nothing else of its message', async (t) => {
  const { evaluate } = createEvaluator({ s: keys, r: keys }, async (sessions) =>
    sessions.flatMap(({ sessionId, evaluations }) =>
      evaluations
        .filter(({ playerId }) => sessionId === 's' && playerId === 'bad')
        .map((evaluation) => ({ sessionId, evaluation, reason: 'refused-by-ledger' })),
    ),
  )
  const both = [answer(), answer({ playerId: 'bad' })]
  t.same(reasons(await evaluate([to('r', 0, both), to('s', 0, both)])), [['s', 'bad', 'refused-by-ledger']])
})

t.test('when no keys can be had at all the whole batch is unavailable', async (t) => {
  const { evaluate, handedOn } = createEvaluator({ down: 'unavailable' })
  await t.rejects(evaluate([to('down'), to('down')]), { code: 'unavailable' })
  t.same(handedOn, [])
  t.same(await evaluate([]), { rejected: [], unavailable: new Set() })
})

t.test(
  'the delay of the network is taken off the answering time in sessions that are played so, 300 ms at the most',
  async (t) => {
    const measured = { ...keys, rule: { ...keys.rule, version: 2 } }
    const { evaluate, handedOn } = createEvaluator({ s: keys, m: measured })
    const slow = answer({ elapsedMs: 900, delayMs: 140 })
    const answers = [slow, answer({ elapsedMs: 900, delayMs: 2_000 }), answer({ elapsedMs: 100, delayMs: 140 })]
    await evaluate([to('s', 0, [slow]), to('m', 0, answers)])
    t.match(handedOn, [
      { sessionId: 's', evaluations: [{ elapsedMs: 900, delayMs: 140 }] },
      {
        sessionId: 'm',
        evaluations: [
          { elapsedMs: 760, delayMs: 140 },
          { elapsedMs: 600, delayMs: 2_000 },
          { elapsedMs: 0, delayMs: 140 },
        ],
      },
    ])
  },
)
