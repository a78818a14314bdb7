import t from 'tap'
import { readKey } from '../../game/kinds/kinds.ts'
import { latestTextRule } from '../../game/text.ts'
import {
  type AcceptedAnswer,
  createEvaluateAnswers,
  type KeysOutcome,
  type SessionEvaluations,
} from '../evaluate-answers.ts'

const question = (index: number, usable = true) => ({
  index,
  questionId: `q${index}`,
  points: 1_000,
  timeLimitMs: 20_000,
  evaluate: usable ? readKey('single_choice', { options: [1] }, latestTextRule) : undefined,
})

const keys: KeysOutcome = {
  questions: [question(0), question(1, false)],
  rule: { name: 'speed', version: 1, streakBonus: false },
}

const answer = (sessionId: string, changes: Partial<AcceptedAnswer> = {}): AcceptedAnswer => ({
  answerId: 'a',
  sessionId,
  questionId: 'q0',
  questionIndex: 0,
  playerId: 'p',
  joinOrder: 1,
  receivedAtMs: 0,
  elapsedMs: 0,
  choices: [1],
  ...changes,
})

const createEvaluator = (sessions: Readonly<Record<string, KeysOutcome>>) => {
  const published: SessionEvaluations[] = []
  const asked: (readonly string[])[] = []
  const evaluate = createEvaluateAnswers(
    async (ids) => {
      asked.push(ids)
      return new Map(ids.map((id) => [id, sessions[id] ?? 'unknown-session']))
    },
    async (evaluations) => void published.push(...evaluations),
  )
  return { evaluate, published, asked }
}

t.test('answers become one message per session, with their credit', async (t) => {
  const { evaluate, published, asked } = createEvaluator({ s: keys, r: keys })
  const answers = [answer('s'), answer('r', { choices: [0] }), answer('s', { playerId: 'other', choices: [0] })]
  t.same(await evaluate(answers), ['evaluated', 'evaluated', 'evaluated'])
  t.same(asked, [['s', 'r']])
  t.match(published, [
    {
      sessionId: 's',
      answers: [
        { answer: answers[0], credit: { numerator: 1, denominator: 1 } },
        { answer: answers[2], credit: { numerator: 0, denominator: 1 } },
      ],
    },
    { sessionId: 'r', answers: [{ answer: answers[1], credit: { numerator: 0 } }] },
  ])
})

t.test('an answer that cannot be evaluated has its reason, and others are published', async (t) => {
  const { evaluate, published } = createEvaluator({ s: keys, down: 'unavailable' })
  const outcomes = await evaluate([
    answer('nowhere'),
    answer('s', { questionIndex: 2 }),
    answer('s', { questionId: 'q7' }),
    answer('s', { questionIndex: 1, questionId: 'q1' }),
    answer('down'),
    answer('s'),
  ])
  t.same(outcomes, [
    'unknown-session',
    'unknown-question',
    'question-mismatch',
    'unusable-key',
    'unavailable',
    'evaluated',
  ])
  t.match(published, [{ sessionId: 's', answers: { length: 1 } }])
})

t.test('when no keys can be had at all the whole batch is unavailable', async (t) => {
  const { evaluate, published } = createEvaluator({ down: 'unavailable' })
  await t.rejects(evaluate([answer('down'), answer('down')]), { code: 'unavailable' })
  t.same(published, [])
  t.same(await evaluate([]), [])
})
