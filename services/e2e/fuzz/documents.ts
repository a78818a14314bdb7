import fc from 'fast-check'
import { anything, mostly, nasty, nearLimits } from './near-misses.ts'

/** JSON documents that are nearly what the edge wants, as text. */

const text = fc.oneof(
  fc.constantFrom('Quiz', 'Which?', 'a', 'b'),
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  nearLimits,
)

const soundAnswer = fc.record({
  answerId: fc.uuid(),
  questionId: fc.constant('<question>'),
  choice: fc.nat(3),
})

const oddAnswer = fc.record(
  {
    answerId: fc.oneof(fc.uuid(), fc.constantFrom('a-1', 'a-2', 'a-3')),
    questionId: fc.constantFrom('<question>', '<question>', '<question>', '<old-question>', '<quiz>'),
    choice: fc.constantFrom(0, 1, 2, 3, 4),
    choices: fc.array(fc.nat(5), { maxLength: 11 }),
    text,
  },
  { requiredKeys: ['answerId', 'questionId'] },
)

const answer = fc.oneof({ weight: 2, arbitrary: soundAnswer }, { weight: 1, arbitrary: oddAnswer })

const soundQuestion = fc.constantFrom(
  { kind: 'single_choice', prompt: 'Which?', options: ['a', 'b', 'c'], correct: 1, points: 500 },
  { kind: 'multiple_choice', prompt: 'Which?', options: ['a', 'b', 'c'], correct: [0, 2] },
  { kind: 'true_false', prompt: 'Is it?', correct: false, timeLimitSeconds: 5 },
  { kind: 'fill_blank', prompt: 'I ___', correct: ['am', 'was'], explanation: 'To be.' },
)

const oddQuestion = fc.record(
  {
    kind: fc.constantFrom('single_choice', 'multiple_choice', 'true_false', 'fill_blank', 'essay'),
    prompt: text,
    options: fc.array(text, { minLength: 1, maxLength: 11 }),
    correct: fc.oneof(fc.nat(5), fc.boolean(), fc.array(fc.nat(4), { maxLength: 4 }), fc.array(text, { maxLength: 4 })),
    timeLimitSeconds: fc.integer({ min: -1, max: 700 }),
    points: fc.integer({ min: -1, max: 10_001 }),
    difficulty: fc.constantFrom('easy', 'hard', 'none'),
    explanation: text,
    mediaUrl: fc.constantFrom('https://x.example/a.png', 'javascript:alert(1)', 'http://'),
  },
  { requiredKeys: ['kind', 'prompt', 'correct'] },
)

const question = fc.oneof({ weight: 3, arbitrary: soundQuestion }, { weight: 1, arbitrary: oddQuestion })

const quiz = fc.record({ title: text, questions: fc.array(question, { minLength: 1, maxLength: 4 }) })

const settings = fc.record(
  {
    timeLimitSeconds: fc.integer({ min: 0, max: 601 }),
    maxParticipants: fc.integer({ min: 0, max: 100_001 }),
    questionOrder: fc.constantFrom('sequential', 'random', 'x'),
    optionOrder: fc.constantFrom('fixed', 'random'),
    advance: fc.constantFrom('auto', 'manual'),
    autoStartPlayers: fc.nat(3),
    startDelaySeconds: fc.double({ min: 0, max: 61, noNaN: true }),
    revealSeconds: fc.integer({ min: 0, max: 61 }),
    closeWhenAllAnswered: fc.boolean(),
    scoring: fc.constantFrom('speed', 'flat'),
    streakBonus: fc.boolean(),
    reveal: fc.constantFrom('immediate', 'on_close'),
    lateJoin: fc.boolean(),
    access: fc.constantFrom('users', 'guests'),
  },
  { requiredKeys: [] },
)

const session = fc.record({ quizId: fc.constantFrom('<quiz>', '<session>'), settings }, { requiredKeys: ['quizId'] })
const join = fc.record({ nickname: text, resume: fc.boolean() }, { requiredKeys: [] })
const imported = fc.record({
  format: fc.constantFrom('opentdb', 'gift', 'csv'),
  title: text,
  content: fc.oneof(
    fc.constantFrom('::Q:: Who? {=a ~b}', 'prompt,correct\na,b', '{"response_code":0,"results":[]}', '"a","b\n"c'),
    fc.string({ maxLength: 200 }),
    fc
      .array(fc.constantFrom('{', '}', '=', '~', '::', '"', ',', '\n', '//', '%50%', '->', 'T', 'a', '\\'), {
        maxLength: 60,
      })
      .map((parts) => parts.join('')),
  ),
})

/** The answers are valid often enough that the whole path behind the edge is busy too. */
export const documents = {
  answer: mostly(answer),
  quiz: mostly(quiz),
  session: mostly(session),
  join: mostly(join),
  import: mostly(imported),
  none: fc.oneof({ weight: 8, arbitrary: fc.constant('') }, { weight: 1, arbitrary: anything }),
} as const

const message = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('answer'), ref: fc.nat(9), data: answer }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('time'), ref: fc.oneof(fc.nat(9), fc.string({ maxLength: 70 })) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('resume'),
      data: fc.record({ lastEventId: fc.oneof(fc.nat(5_000), nasty) }),
    }),
  },
)

/** What a client says over a WebSocket. */
export const streamMessage: fc.Arbitrary<string> = mostly(message)
