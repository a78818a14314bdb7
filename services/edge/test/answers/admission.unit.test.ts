import t from 'tap'
import { decideAdmission, type Situation } from '../../answers/admission.ts'

const OPENS_AT = 10_000
const open = { index: 1, opensAt: OPENS_AT, durationMs: 5_000, timeLimitMs: 5_000, elapsedBeforeMs: 0 }
const during: Situation = { status: 'question_open', open, lastClosed: 0, admitsAnswers: true }

t.test('the open question', async (t) => {
  const cases = [
    [OPENS_AT - 1, 'question-not-open'],
    [OPENS_AT, 0],
    [OPENS_AT + 0.4, 0],
    [OPENS_AT + 1_234.5, 1_235],
    [OPENS_AT + 5_000, 5_000],
    [OPENS_AT + 5_000.5, 'question-closed'],
    [OPENS_AT + 5_001, 'question-closed'],
  ] as const
  for (const [now, expected] of cases) {
    const admission = decideAdmission(during, 1, now)
    const outcome = admission.kind === 'admitted' ? admission.elapsedMs : admission.code
    t.equal(outcome, expected, `at ${now - OPENS_AT} ms: ${expected}`)
  }
})

t.test('a question that was paused counts on from where it stopped', async (t) => {
  const resumed = { ...open, durationMs: 2_000, elapsedBeforeMs: 3_000 }
  t.same(decideAdmission({ ...during, open: resumed }, 1, OPENS_AT + 500), { kind: 'admitted', elapsedMs: 3_500 })
  t.same(decideAdmission({ ...during, open: resumed }, 1, OPENS_AT + 2_000), { kind: 'admitted', elapsedMs: 5_000 })
  t.match(decideAdmission({ ...during, open: resumed }, 1, OPENS_AT + 2_001), { code: 'question-closed' })
})

t.test('every other situation refuses', async (t) => {
  const now = OPENS_AT + 100
  const cases: readonly (readonly [string, Situation, number, string])[] = [
    ['closing', { ...during, admitsAnswers: false }, 1, 'question-closed'],
    ['the question before', during, 0, 'question-closed'],
    ['the question after', during, 2, 'question-not-open'],
    [
      'lobby',
      { status: 'lobby', open: undefined, lastClosed: undefined, admitsAnswers: false },
      0,
      'question-not-open',
    ],
    [
      'starting',
      { status: 'starting', open: undefined, lastClosed: undefined, admitsAnswers: false },
      0,
      'question-not-open',
    ],
    [
      'closed',
      { status: 'question_closed', open: undefined, lastClosed: 1, admitsAnswers: false },
      1,
      'question-closed',
    ],
    [
      'closed, next',
      { status: 'question_closed', open: undefined, lastClosed: 1, admitsAnswers: false },
      2,
      'question-not-open',
    ],
    ['paused', { ...during, status: 'paused', admitsAnswers: false }, 1, 'session-paused'],
    ['paused, an earlier question', { ...during, status: 'paused', admitsAnswers: false }, 0, 'question-closed'],
    [
      'paused between questions',
      { status: 'paused', open: undefined, lastClosed: 1, admitsAnswers: false },
      2,
      'session-paused',
    ],
    ['finished', { status: 'finished', open: undefined, lastClosed: 2, admitsAnswers: false }, 2, 'question-closed'],
    [
      'finished early',
      { status: 'finished', open: undefined, lastClosed: 0, admitsAnswers: false },
      2,
      'question-closed',
    ],
    [
      'cancelled',
      { status: 'cancelled', open: undefined, lastClosed: undefined, admitsAnswers: false },
      0,
      'question-closed',
    ],
    ['a status of the future', { ...during, status: 'halftime' }, 1, 'question-not-open'],
  ]
  for (const [name, situation, index, code] of cases) {
    t.same(decideAdmission(situation, index, now), { kind: 'refused', code }, `${name}: ${code}`)
  }
})
