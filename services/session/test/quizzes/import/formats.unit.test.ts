import t from 'tap'
import { parseCsv } from '../../../quizzes/import/csv.ts'
import { assess, type Drafts } from '../../../quizzes/import/draft.ts'
import { parseGift } from '../../../quizzes/import/gift.ts'
import { parseOpenTdb } from '../../../quizzes/import/opentdb.ts'

/** What became of the only question: its parts that are set, or the reason why there is none. */
const only = (drafts: Drafts): object | string => {
  if (!drafts.ok) return drafts.code
  const { questions, skipped } = assess(drafts.drafts)
  const [question] = questions
  if (question === undefined) return skipped[0]?.reason ?? 'nothing'
  return Object.fromEntries(Object.entries(question).filter(([, value]) => value !== undefined))
}

t.test('GIFT', async (t) => {
  const gift = (text: string) => only(parseGift(text))
  const cases: readonly [name: string, text: string, expected: object | string][] = [
    [
      'single choice, with title, comment and feedback',
      "// a comment\n::Q1:: Grant is buried in {\n=Grant's tomb # yes\n~New York#no\n~nobody\n####It is a joke.}",
      {
        kind: 'single_choice',
        prompt: 'Grant is buried in',
        options: ["Grant's tomb", 'New York', 'nobody'],
        correct: 0,
        explanation: 'It is a joke.',
      },
    ],
    [
      'missing word',
      'Two plus {=two ~three} equals four.',
      { kind: 'single_choice', prompt: 'Two plus _____ equals four.', options: ['two', 'three'], correct: 0 },
    ],
    [
      'multiple choice with weights',
      'Which are even? {~%50%2 ~%50%4 ~%-100%3}',
      { kind: 'multiple_choice', prompt: 'Which are even?', options: ['2', '4', '3'], correct: [0, 1] },
    ],
    [
      'a choice with full weight',
      'Even? {~%100%2 ~3}',
      { kind: 'single_choice', prompt: 'Even?', options: ['2', '3'], correct: 0 },
    ],
    [
      'true',
      'The sun rises in the East.{T}',
      { kind: 'true_false', prompt: 'The sun rises in the East.', options: [], correct: true },
    ],
    [
      'false, with feedback',
      'Grant is alive. {FALSE#No.#Right.}',
      { kind: 'true_false', prompt: 'Grant is alive.', options: [], correct: false },
    ],
    [
      'short answers; those worth a part do not count',
      'Two plus two is {=four =4 =%50%fuor}',
      { kind: 'fill_blank', prompt: 'Two plus two is', options: [], correct: ['four', '4'] },
    ],
    [
      'escaped marks',
      'Is \\{1\\=1\\}? {=it is \\= ~it \\~ is \\# not \\: \\\\}',
      { kind: 'single_choice', prompt: 'Is {1=1}?', options: ['it is =', 'it ~ is # not : \\'], correct: 0 },
    ],
    [
      'HTML',
      '[html]<p>&quot;A&quot; <b>or</b> B?</p> {=<i>A</i> ~B}',
      { kind: 'single_choice', prompt: '"A" or B?', options: ['A', 'B'], correct: 0 },
    ],
    ['essay', 'Write something. {}', 'essay'],
    ['matching', 'Match. {=cat -> meow =dog -> woof}', 'matching'],
    ['no answers', 'Only a description', 'no-answers'],
    ['no right answer', 'Which? {~a ~b}', 'no-right-answer'],
    ['several right answers of which any will do', 'Which? {=a =b ~c}', 'several-right-answers'],
    ['nonsense', 'Which? {a, b}', 'unreadable'],
    ['a question without text', '{=a ~b}', 'prompt-minLength'],
  ]
  for (const [name, text, expected] of cases) t.same(gift(text), expected, name)

  await t.test('a file', async (t) => {
    const file = '\ufeff$CATEGORY: x\r\n\r\nOne {T}\r\n \r\n// note\r\n\r\n\r\nTwo {}\r\n\r\nThree\r\n{=a\r\n=b}\r\n'
    const drafts = parseGift(file)
    const { questions, skipped } = assess(drafts.ok ? drafts.drafts : [])
    t.same(
      questions.map(({ prompt }) => prompt),
      ['One', 'Three'],
    )
    t.same(skipped, [{ index: 1, reason: 'essay' }])
  })
})

t.test('CSV', async (t) => {
  const csv = (...lines: string[]) => only(parseCsv(lines.join('\r\n')))

  const cases: readonly [name: string, lines: string[], expected: object | string][] = [
    [
      'single choice with everything',
      [
        'kind,Prompt,Option 1,option2,correct,points,Time Limit Seconds,difficulty,explanation,mediaUrl',
        'single choice,Two?,1,2,2,500,7,Easy,Because.,https://x.y/z',
      ],
      {
        kind: 'single_choice',
        prompt: 'Two?',
        options: ['1', '2'],
        correct: 1,
        points: 500,
        timeLimitSeconds: 7,
        difficulty: 'easy',
        explanation: 'Because.',
        media: { kind: 'image', url: 'https://x.y/z' },
      },
    ],
    [
      'kinds that follow from the cells: several numbers',
      ['prompt,option1,option2,option3,correct', 'Even?,2,3,4,1|3'],
      { kind: 'multiple_choice', prompt: 'Even?', options: ['2', '3', '4'], correct: [0, 2] },
    ],
    [
      'a boolean',
      ['prompt,correct', 'Sure?,TRUE'],
      { kind: 'true_false', prompt: 'Sure?', options: [], correct: true },
    ],
    [
      'texts',
      ['prompt;correct', 'Colour?;red|  Red '],
      { kind: 'fill_blank', prompt: 'Colour?', options: [], correct: ['red', 'Red'] },
    ],
    ['no header', ['Two?,1,2,2'], 'header'],
    ['nothing', [], 'format'],
    ['an option that is not there', ['prompt,option1,option2,correct', 'Two?,1,2,3'], 'correct-maximum'],
    ['an option in text', ['prompt,option1,option2,correct', 'Two?,1,2,two'], 'correct-unreadable'],
    ['a gap', ['prompt,option1,option2,option3,correct', 'Two?,1,,2,1'], 'option-missing'],
    ['too many cells', ['prompt,correct', 'Two?,true,what'], 'too-many-cells'],
    ['an unknown kind', ['prompt,correct,kind', 'Two?,true,essay'], 'kind-enum'],
    ['bad points', ['prompt,correct,points', 'Two?,true,many'], 'points-type'],
  ]
  for (const [name, lines, expected] of cases) t.same(csv(...lines), expected, name)
})

t.test('Open Trivia DB', async (t) => {
  const response = (...results: unknown[]) => only(parseOpenTdb(JSON.stringify({ response_code: 0, results })))
  const multiple = {
    type: 'multiple',
    difficulty: 'hard',
    category: 'Science &amp; Nature',
    question: 'Who said &quot;E&quot;?',
    correct_answer: 'Ein &amp; stein',
    incorrect_answers: ['Bohr', 'Curie', '10', '9'],
  }
  t.same(response(multiple), {
    kind: 'single_choice',
    prompt: 'Who said "E"?',
    difficulty: 'hard',
    options: ['9', '10', 'Bohr', 'Curie', 'Ein & stein'],
    correct: 4,
  })
  t.match(response({ ...multiple, type: 'boolean', correct_answer: 'False', incorrect_answers: ['True'] }), {
    kind: 'true_false',
    correct: false,
  })
  t.equal(response({ ...multiple, incorrect_answers: ['a', 'a'] }), 'duplicate-answers')
  t.equal(response({ ...multiple, type: 'matrix' }), 'unknown-type')
  t.equal(response({ ...multiple, question: 7 }), 'no-question')
  t.equal(response(null), 'no-question')
  t.equal(response({ ...multiple, difficulty: 'x' }), 'difficulty-enum')
  t.equal(only(parseOpenTdb('[]')), 'format')
  t.equal(only(parseOpenTdb('{')), 'format')
})

t.test('a quiz takes no more than its thousand', async (t) => {
  const drafts = parseCsv(`prompt,correct\n${'Sure?,true\n'.repeat(1_002)}`)
  const { questions, skipped } = assess(drafts.ok ? drafts.drafts : [])
  t.equal(questions.length, 1_000)
  t.same(skipped, [
    { index: 1_000, reason: 'too-many-questions' },
    { index: 1_001, reason: 'too-many-questions' },
  ])
})
