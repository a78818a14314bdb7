import { create, fromJson } from '@bufbuild/protobuf'
import { ValueSchema } from '@bufbuild/protobuf/wkt'
import t from 'tap'
import { type ResultsResult, ResultsResultSchema } from '#gen/command_pb'
import { resultsCsv, resultsJson } from '../../api/results-json.ts'

const results = create(ResultsResultSchema, {
  sessionId: 's',
  title: 'Quiz',
  status: 'finished',
  players: [
    {
      rank: 1,
      playerId: 'p1',
      nickname: '=SUM(A1)',
      score: 950,
      correctAnswers: 1,
      correctMs: 2_000,
      answers: [{ questionIndex: 1, choices: [0], correct: true, points: 950, elapsedMs: 2_000 }],
    },
    { rank: 2, playerId: 'p2', nickname: 'Bo, "the" Ünit', answers: [{ questionIndex: 0, text: 'went' }] },
  ],
  questions: [
    {
      question: { questionId: 'q1', index: 0, kind: 'fill_blank', prompt: 'I ___ home', points: 1_000 },
      reveal: {
        questionId: 'q1',
        index: 0,
        kind: 'fill_blank',
        correct: fromJson(ValueSchema, ['went']),
        answerCount: 1,
        textCounts: [{ text: 'went', count: 1 }],
      },
      correctCount: 1,
      meanElapsedMs: 12.5,
    },
    {
      question: { questionId: 'q2', index: 1, kind: 'true_false', prompt: 'Right?', points: 1_000 },
      reveal: {
        questionId: 'q2',
        index: 1,
        kind: 'true_false',
        correct: fromJson(ValueSchema, true),
        answerCount: 1,
        optionCounts: [1, 0],
      },
      correctCount: 1,
    },
  ],
})

t.test('results as JSON', async (t) => {
  const [first, ...others] = results.players
  const pages = [
    { ...results, players: first === undefined ? [] : [first] },
    { ...results, questions: [], players: others },
  ]
  t.same(JSON.parse(await resultsJson(pages)), {
    sessionId: 's',
    title: 'Quiz',
    status: 'finished',
    players: [
      {
        rank: 1,
        playerId: 'p1',
        nickname: '=SUM(A1)',
        score: 950,
        correctAnswers: 1,
        correctMs: 2_000,
        answers: [{ index: 1, choices: [0], correct: true, points: 950, elapsedMs: 2_000 }],
      },
      {
        rank: 2,
        playerId: 'p2',
        nickname: 'Bo, "the" Ünit',
        score: 0,
        correctAnswers: 0,
        correctMs: 0,
        answers: [{ index: 0, text: 'went', correct: false, points: 0, elapsedMs: 0 }],
      },
    ],
    questions: [
      {
        questionId: 'q1',
        index: 0,
        kind: 'fill_blank',
        prompt: 'I ___ home',
        points: 1_000,
        correct: ['went'],
        answerCount: 1,
        distribution: [{ text: 'went', count: 1 }],
        correctCount: 1,
        meanElapsedMs: 12.5,
      },
      {
        questionId: 'q2',
        index: 1,
        kind: 'true_false',
        prompt: 'Right?',
        points: 1_000,
        correct: true,
        answerCount: 1,
        distribution: [1, 0],
        correctCount: 1,
      },
    ],
  })
})

const csvOf = async (...pages: readonly ResultsResult[]): Promise<string> => {
  let text = ''
  for await (const lines of resultsCsv(pages)) text += lines
  return text
}

t.test('results as CSV are quoted, and hold no formulas', async (t) => {
  t.equal(
    await csvOf(results),
    [
      '\uFEFFrank,nickname,playerId,score,correctAnswers,correctMs,question 1,question 2',
      "1,'=SUM(A1),p1,950,1,2000,,950",
      '2,"Bo, ""the"" Ünit",p2,0,0,0,0,',
      '',
    ].join('\r\n'),
  )
})

t.test('no cell of the results begins a formula, whichever separator a spreadsheet splits at', async (t) => {
  const nicknames = [
    'x;=1+1',
    '=2+2',
    ' +3',
    'tab\t-4',
    'comma,@5',
    '"=6',
    'line\n=7',
    '\uff1d8',
    'x;"=9',
    'a-b',
    'Ann',
  ]
  const players = nicknames.map((nickname) => ({
    rank: 1,
    nickname,
    playerId: 'p',
    score: 0,
    correctAnswers: 0,
    correctMs: 0,
  }))
  const csv = (await csvOf(create(ResultsResultSchema, { players }))).replace(/^\ufeff/, '')
  for (const separator of [',', ';', '\t']) {
    const cells = csv.split(/[\r\n]+/).flatMap((line) => line.split(separator))
    t.same(
      cells.filter((cell) => /^["\s]*[=+@\-\uff1d]/.test(cell)),
      [],
      `split at ${JSON.stringify(separator)}`,
    )
  }
  t.match(csv, 'a-b', 'a sign inside is none')
})
