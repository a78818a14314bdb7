import t from 'tap'
import { parseCsv } from '../../../quizzes/import/csv.ts'
import type { Drafts } from '../../../quizzes/import/draft.ts'
import { parseGift } from '../../../quizzes/import/gift.ts'
import { parseOpenTdb } from '../../../quizzes/import/opentdb.ts'
import { parseXlsx } from '../../../quizzes/import/xlsx.ts'
import { workbook } from '../../support/workbook.ts'

/** What people met with files of their own, each with the right value. */

/** The parts of the drafts that are set, a reason, or why the file is none. */
const read = (drafts: Drafts): unknown =>
  drafts.ok
    ? drafts.drafts.map((draft) =>
        draft.ok
          ? Object.fromEntries(Object.entries(draft.question).filter(([, value]) => value !== undefined))
          : draft.reason,
      )
    : drafts
const only = (drafts: Drafts): unknown => (drafts.ok ? (read(drafts) as unknown[])[0] : drafts)

t.test('GIFT', async (t) => {
  const gift = (text: string) => only(parseGift(text)) as Record<string, unknown>

  await t.test('the answer block ends at the first brace; a second block is a reason to skip', async (t) => {
    t.equal(gift('A day has {=24} hours and an hour has {=60} minutes.'), 'several-answer-blocks')
    t.equal(gift('Cats {=purr} and dogs {=bark ~meow}.'), 'several-answer-blocks')
    t.match(gift('Which brace? {=\\} ~a}'), { options: ['}', 'a'] })
  })

  await t.test('a wildcard is no key, an escaped asterisk is one', async (t) => {
    t.equal(gift('The opposite of short {=long* =tall}'), 'wildcard')
    t.match(gift('Write two times three with a sign {=2\\*3}'), { kind: 'fill_blank', correct: ['2*3'] })
    t.match(gift('Which? {=a*b ~c}'), { options: ['a*b', 'c'] }, 'in a choice it is a sign')
  })

  await t.test('the gap stands where the braces stood', async (t) => {
    t.equal(gift('The film was interest{=ing ~ed}.').prompt, 'The film was interest_____.')
    t.equal(gift('Have you {=seen ~saw} it, Ann?').prompt, 'Have you _____ it, Ann?')
    t.equal(gift('[html]<p>What is it? {=a ~b}</p>').prompt, 'What is it?', 'closing tags are no sentence')
  })

  await t.test('markup is read as HTML and Moodle read it', async (t) => {
    const prompts: readonly [source: string, prompt: string][] = [
      ['[html]<p>What is H<sub>2</sub>O?</p>{=water ~salt}', 'What is H2O?'],
      ['[html]<p>Is 3 < 5 and 7 > 2?</p>{T}', 'Is 3 < 5 and 7 > 2?'],
      ['Which is <b>not</b> a verb &amp; why?{=cat ~run}', 'Which is not a verb & why?'],
      ['[html]<p>One</p><p>Two<br>three</p>{T}', 'One\nTwo\nthree'],
      ['[html]Seen<!-- not seen --> text{T}', 'Seen text'],
      ['[html]Seen<script>x()</script> text{T}', 'Seen text'],
      ['[plain]Is <b> a tag &amp; why?{T}', 'Is <b> a tag &amp; why?'],
      ['[markdown]Which is *not* **a** `verb`?{=cat ~run}', 'Which is not a verb?'],
      ['Is List<int> a type, and a<b a question?{T}', 'Is List<int> a type, and a<b a question?'],
      ['[moodle]First line\\nsecond line{T}', 'First line\nsecond line'],
    ]
    for (const [source, prompt] of prompts) t.equal(gift(source).prompt, prompt, source)
    const answers =
      '[html]<p>Pick one</p>{=[plain]run #[html]<b>Right</b> ~[moodle]walk ~[html]<i>sit</i>####[html]<p>To <b>run</b></p>}'
    t.match(gift(answers), { options: ['run', 'walk', 'sit'], explanation: 'To run' })
  })

  await t.test('a picture comes along by its address or is a reason to skip', async (t) => {
    t.equal(gift('[html]<p>What?</p><img src\\="@@PLUGINFILE@@/cat.png" alt\\="">{=cat ~dog}'), 'media-missing')
    t.match(gift('[html]What?<img src\\="https\\://x.example/cat.png">{=cat ~dog}'), {
      prompt: 'What?',
      mediaUrl: 'https://x.example/cat.png',
    })
    t.equal(gift('[html]What?{=<img src\\="https\\://x.example/a.png"> ~dog}'), 'media-missing', 'in an option')
    t.equal(gift('[html]What?<audio src\\="a.mp3"></audio>{=cat ~dog}'), 'media-missing')
  })

  await t.test('numbers become numeric questions', async (t) => {
    t.match(gift('When? {#1822:5}'), { kind: 'numeric', correct: { value: 1822, tolerance: 5 } })
    t.match(gift('Pi? {#3.14..3.15 # close}'), { kind: 'numeric', correct: { value: 3.145 } })
    t.match(gift('When? {#=1822:0 =%50%1822:2}'), { kind: 'numeric', correct: { value: 1822, tolerance: 0 } })
    t.match(gift('How much? {#-2}'), { kind: 'numeric', correct: { value: -2, tolerance: 0 } })
    t.equal(gift('When? {#=1822:0 =1823:0}'), 'several-right-answers')
    t.equal(gift('When? {#soon}'), 'unreadable')
    t.equal(gift('Match. {=cat -> meow =dog -> woof}'), 'matching')
  })

  await t.test('answers with different weights would score differently: a reason to skip', async (t) => {
    t.equal(gift('Which? {~%70%a ~%30%b ~c}'), 'unequal-weights')
    t.match(gift('Which? {~%33.33333%a ~%33.33333%b ~%33.33333%c ~d}'), { kind: 'multiple_choice', correct: [0, 1, 2] })
  })
})

t.test('tables', async (t) => {
  const csv = (...lines: string[]) => read(parseCsv(lines.join('\r\n')))

  await t.test('spreadsheets write marks, tabs, empty rows and cells', async (t) => {
    const question = [{ kind: 'single_choice', prompt: 'Two?', options: ['1', '2'], correct: 1 }]
    t.same(csv('\ufeffsep=;', 'prompt;option1;option2;correct', 'Two?;1;2;2'), question)
    t.same(csv('prompt\toption1\toption2\tcorrect', 'Two?\t1\t2\t2'), question)
    t.same(csv('prompt;option1;option2;correct', 'Two?;1;2;2', ';;;', ';;;'), question, 'rows of separators')
    t.same(csv('prompt,option1,option2,correct,,', 'Two?,1,2,2,,'), question, 'columns without a name or a cell')
    t.same(csv('prompt,option1,option2,correct', 'Two?,1,2,2,,,'), question, 'cells behind the last column')
    t.same(csv('', '', 'prompt,option1,option2,correct', '', '"Two?","1","2","2"'), question)
  })

  await t.test('a column that is not known refuses the file and says which', async (t) => {
    t.match(csv('prompt,option1,option2,correct,timelimt', 'Two?,1,2,2,7'), {
      ok: false,
      code: 'unknown-column',
      pointer: '/content/columns/4',
      detail: 'Column 5: "timelimt"',
    })
    t.match(csv('prompt,answer1,Answer 1,correct', 'Two?,1,2,2'), { ok: false, code: 'repeated-column' })
    t.same(csv('prompt,correct,', 'Sure?,true,lost'), ['column-without-name'])
    t.match(
      csv(',prompt,correct', '1,Sure?,true', '2,,'),
      [{ kind: 'true_false' }],
      'a row with no more than its number',
    )
  })

  await t.test('a number without options is no typed answer unless the table says so', async (t) => {
    t.same(csv('prompt,correct', 'One and one?,2'), ['options-missing'])
    t.match(csv('prompt,correct,kind', 'One and one?,2,fill_blank'), [{ kind: 'fill_blank', correct: ['2'] }])
    t.match(csv('prompt,correct,tolerance,kind', 'Pi?,3.14,0.01,numeric'), [
      { kind: 'numeric', correct: { value: 3.14, tolerance: 0.01 } },
    ])
    t.same(csv('prompt,option1,option2,correct', 'Which?,a,b,'), ['correct-missing'])
    t.match(csv('prompt,option1,option2,correct,kind', 'Which?,a,b,,poll'), [{ kind: 'poll', options: ['a', 'b'] }])
  })

  await t.test('answer1 … are options', async (t) => {
    t.match(csv('prompt,answer1,answer2,answer3,correct', 'Two?,one,two,three,2'), [
      { kind: 'single_choice', options: ['one', 'two', 'three'], correct: 1 },
    ])
  })

  const kahoot = [
    ['Add questions, at least two answer alternatives, time limit and choose correct answers (at least one).'],
    [],
    [
      '',
      'Question - max 120 characters',
      'Answer 1 - max 75 characters',
      'Answer 2 - max 75 characters',
      'Answer 3 - max 75 characters',
      'Answer 4 - max 75 characters',
      'Time limit (sec) – 5, 10, 20, 30, 60, 90, 120, or 240 secs',
      'Correct answer(s) - choose at least one',
    ],
    ['1', 'Which are verbs?', 'run', 'cat', 'walk', '', '30', '1,3'],
    ['2', 'Past of go?', 'went', 'goed', '', '', '20', '1'],
    ['3', '', '', '', '', '', '', ''],
  ]
  const expectedOfKahoot = [
    {
      kind: 'multiple_choice',
      prompt: 'Which are verbs?',
      options: ['run', 'cat', 'walk'],
      correct: [0, 2],
      timeLimitSeconds: 30,
    },
    { kind: 'single_choice', prompt: 'Past of go?', options: ['went', 'goed'], correct: 0, timeLimitSeconds: 20 },
  ]

  await t.test('the sheets of Kahoot, Quizizz and ClassQuiz are known by their headers', async (t) => {
    const lines = kahoot.map((row) => row.map((cell) => `"${cell}"`).join(','))
    t.match(csv(...lines), expectedOfKahoot)
    const quizizz =
      'Question Text,Question Type,Option 1,Option 2,Option 3,Option 4,Option 5,Correct Answer,Time in seconds,Image Link,Answer explanation'
    t.match(
      csv(
        quizizz,
        'Past of go?,Multiple Choice,went,goed,,,,1,20,,Irregular.',
        'Verbs?,Checkbox,run,cat,walk,,,"1,3",30,,',
        'A cat ____,Fill-in-the-Blank,purrs,purs,,,,,20,,',
        'Your favourite?,Poll,red,blue,,,,,20,,',
        'Why?,Open-Ended,,,,,,,60,,',
      ),
      [
        { kind: 'single_choice', correct: 0, explanation: 'Irregular.' },
        { kind: 'multiple_choice', correct: [0, 2] },
        { kind: 'fill_blank', correct: ['purrs', 'purs'] },
        { kind: 'poll', options: ['red', 'blue'] },
        { kind: 'open_ended' },
      ],
    )
  })

  await t.test('a workbook is a table', async (t) => {
    t.match(read(await parseXlsx(workbook(kahoot))), expectedOfKahoot)
    t.match(
      read(
        await parseXlsx(
          workbook([
            ['Question', 'Correct answer'],
            ['Sure?', true],
          ]),
        ),
      ),
      [{ kind: 'true_false', correct: true }],
    )
    t.match(await parseXlsx('bm8gd29ya2Jvb2s='), { ok: false, code: 'format' })
    t.match(await parseXlsx(workbook([['Question', 'Correct']], 70 * 1024 * 1024)), { ok: false, code: 'too-large' })
  })
})

t.test('the Open Trivia DB in each of its encodings', async (t) => {
  const response = (encode: (text: string) => string, encodeType = (text: string) => text) =>
    only(
      parseOpenTdb(
        `\ufeff${JSON.stringify({
          response_code: 0,
          results: [
            {
              type: encodeType('multiple'),
              difficulty: encodeType('easy'),
              category: encode('Food & drink'),
              question: encode('What is 2 + 2 & more?'),
              correct_answer: encode('Four!'),
              incorrect_answers: ['Five', 'Six & a bit', '100% sure'].map(encode),
            },
          ],
        })}`,
      ),
    )
  const expected = {
    prompt: 'What is 2 + 2 & more?',
    difficulty: 'easy',
    options: ['100% sure', 'Five', 'Four!', 'Six & a bit'],
    correct: 2,
  }
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  t.match(response(encodeURIComponent), expected, 'url3986')
  t.match(
    response((text) => encodeURIComponent(text).replaceAll('%20', '+')),
    expected,
    'urlLegacy',
  )
  t.match(response(base64, base64), expected, 'base64')
  t.match(
    response((text) => text.replaceAll('&', '&amp;')),
    expected,
    'HTML entities',
  )
  t.equal(
    response((text) => `${encodeURIComponent(text)}%ff`),
    'encoding',
    'an encoding that is broken',
  )
})
