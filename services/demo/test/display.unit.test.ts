import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { EMPTY_BOARD, type Kind, type PodiumEvent, type PublicQuestion, type Reveal } from '#client'
import { createLines, type GameOnShow, revealText } from '../display.ts'
import { createCanvas, isInteractive, podiumLines, screenLines, type View } from '../screen.ts'
import { bar, clean, counted, cut, grouped, padded } from '../text.ts'

const question: PublicQuestion = {
  questionId: 'q',
  index: 0,
  count: 2,
  kind: 'single_choice',
  prompt: 'What\u001b[2J did you do?',
  options: ['a', 'b', 'c'],
  points: 1_000,
  timeLimitMs: 5_000,
  opensAt: 0,
  closesAt: 5_000,
}
const entry = (rank: number, nickname: string, score: number) => ({
  rank,
  playerId: nickname,
  nickname,
  score,
  correctAnswers: 1,
})
const listeners: ((event: PodiumEvent) => void)[] = []
const top = [entry(1, 'Mia', 1_900), entry(2, 'Zoë\u202e', 950)]
const board = { ...EMPTY_BOARD, status: 'question_open', question, top } as const
const game: GameOnShow = {
  title: 'English',
  players: 3,
  joinCode: 'ABC234',
  stream: {
    board,
    serverNow: () => 2_500,
    on: (type: string, listener: (event: never) => void) => {
      listeners.push((event) => event.type === type && listener(event as never))
      return () => undefined
    },
  },
  difficultyOf: () => 'easy',
  attendance: () => ({ present: 3, webSockets: 2 }),
  answered: () => 2,
  latency: () => 'Answer to 202: 3.0 ms, p99 9.9 ms',
}
const view: View = {
  game,
  board,
  question,
  remainingMs: 2_500,
  before: new Map([
    ['Mia', 3],
    ['Zoë\u202e', 1],
  ]),
  events: ['Ada joins late', 'The host pauses'],
  latency: game.latency(),
}
const reveal: Reveal = {
  questionId: 'q',
  index: 0,
  kind: 'single_choice',
  correct: 1,
  answerCount: 3,
  distribution: [1, 2, 0],
}
const paused: View = { ...view, board: { ...board, status: 'paused' } }
const closed: View = { ...view, board: { ...board, status: 'question_closed', question: undefined, reveal } }

t.test('the screen fits its columns, keeps its height and shows no control characters', async (t) => {
  const phases: View[] = [
    { ...view, board: { ...EMPTY_BOARD, status: 'lobby' }, question: undefined },
    view,
    paused,
    closed,
    { ...closed, board: { ...board, status: 'finished', question: undefined } },
  ]
  const plainly = (one: View, columns: number, rows: number) =>
    screenLines(one, { columns, rows }).map((line) => stripVTControlCharacters(line))
  for (const rows of [24, 40]) {
    const heights = phases.map((one) => screenLines(one, { columns: 80, rows }).length)
    t.equal(new Set(heights).size, 1)
    t.ok((heights[0] ?? 0) <= rows, `${heights[0]} of ${rows}`)
  }
  for (const columns of [50, 80, 110]) {
    for (const phase of phases) {
      for (const line of plainly(phase, columns, 24)) t.ok([...line].length <= columns, line)
    }
  }
  const text = plainly(view, 80, 24).join('\n')
  t.match(text, 'What did you do?')
  t.match(text, '2.5 s')
  t.match(text, '1 900')
  t.match(text, '▲2')
  t.match(text, '▼1')
  t.match(text, '• The host pauses\nAnswer to 202')
  t.notMatch(text, '\u202e')
  t.match(plainly(paused, 80, 24).join('\n'), 'paused, 2.5 s left')
  t.match(plainly(closed, 80, 24).join('\n'), /✓ B {2}b +█+░+ +67 %/)
})

t.test('more options than fit are counted', async (t) => {
  const options = Array.from({ length: 10 }, (_, index) => `option ${index}`)
  const text = screenLines({ ...view, question: { ...question, options } }, { columns: 80, rows: 40 }).join('\n')
  t.match(text, '… and 6 more')
})

const outcome = (kind: Kind, changes: object): string =>
  revealText({ ...question, kind } as PublicQuestion, { ...reveal, kind, ...changes } as Reveal)

t.test('the outcome of a question, by its kind', async (t) => {
  t.equal(revealText(question, reveal), '3 answers, 67 % right (b)')
  t.equal(outcome('multiple_choice', { correct: [0, 1], answerCount: 4 }), '4 answers, right were a (25 %), b (50 %)')
  t.equal(
    outcome('true_false', { correct: false, distribution: [1, 3], answerCount: 4 }),
    '4 answers, 75 % right (False)',
  )
  const distribution = [
    { text: "hasn't", count: 6 },
    { text: 'hasnt', count: 2 },
    { text: 'has not', count: 1 },
  ]
  t.equal(
    outcome('fill_blank', { correct: ['hasn\u2019t'], answerCount: 10, distribution }),
    '10 answers, 60 % right (hasn\u2019t), most frequent mistake: hasnt',
  )
})

t.test('polls, orders and numbers', async (t) => {
  t.equal(outcome('poll', { correct: undefined }), '3 answers: a (33 %), b (67 %), c (0 %)')
  t.equal(outcome('ordering', { correct: [2, 0, 1] }), '3 answers, the right order: c < a < b')
  const distribution = [
    { text: '11', count: 2 },
    { text: '20', count: 1 },
  ]
  t.equal(
    outcome('numeric', { correct: { value: 10, tolerance: 1 }, distribution }),
    '3 answers, 67 % right (10), most frequent mistake: 20',
  )
})

t.test('the podium has the first in the middle, and does with fewer than three', async (t) => {
  const lines = (count: number) =>
    podiumLines([entry(1, 'Mia', 1_900), entry(2, 'Zoë', 950), entry(3, 'Ben', 9)].slice(0, count), 60).map((line) =>
      stripVTControlCharacters(line),
    )
  t.match(lines(3)[0], /^ +Mia$/)
  t.match(lines(3)[2], /^ +Zoë .*█/)
  t.match(lines(3).at(-1), /^█+ █+ █+$/)
  t.match(lines(1).at(-1), /^ +█+$/)
  t.strictSame(lines(0).join(''), '')
})

const sink = () => {
  const parts: unknown[] = []
  return { write: (text: unknown) => parts.push(text) > 0, text: () => parts.join(''), clear: () => parts.splice(0) }
}

t.test('the canvas goes back to its first line and never draws more than the window holds', async (t) => {
  const out = sink()
  const canvas = createCanvas({ ...out, columns: 80, rows: 4 })
  canvas.draw(['1', '2', '3', '4', '5'])
  t.notMatch(out.text(), '4')
  out.clear()
  canvas.draw(['a', 'b'])
  t.ok(out.text().includes('\u001b[2F'))
  canvas.end()
  t.ok(out.text().endsWith('\u001b[?25h'))
})

t.test('drawing is for terminals that want it', async (t) => {
  t.ok(isInteractive({ isTTY: true }, {}))
  t.notOk(isInteractive({ isTTY: true }, { NO_COLOR: '1' }))
  t.notOk(isInteractive({ isTTY: true }, { TERM: 'dumb' }))
  t.notOk(isInteractive({}, {}))
})

t.test('plain lines tell the same', async (t) => {
  const out = sink()
  const lines = createLines(out)
  lines.show(game)
  const happen = (type: string, data: unknown) => {
    for (const listener of listeners) listener({ type, data } as PodiumEvent)
  }
  happen('session.starting', { startsAt: 1 })
  happen('question.opened', question)
  lines.tell('Ada\u0007 joins late')
  happen('question.closed', { ...reveal, answerCount: 4, distribution: [1, 3, 0] })
  t.strictSame(out.text().trim().split('\n'), [
    '"English" for 3 players, join code ABC234, with streak bonus',
    '3 players joined: 2 over WebSocket, 1 over SSE',
    'The quiz starts.',
    'Question 1/2 (single choice, easy): What did you do?',
    '  * Ada? joins late',
    '  4 answers, 75 % right (b); 1. Mia 1 900, 2. Zoë? 950',
  ])
})

t.test('text: cleaned, cut, padded, grouped', async (t) => {
  t.equal(clean('a\u001b[31m\nb\u0007'), 'a b?')
  t.equal(cut('abcdef', 4), 'abc…')
  t.equal(padded('ab', 4), 'ab  ')
  t.equal(grouped(1_234_567), '1 234 567')
  t.equal(bar(0.5, 4), '██░░')
  t.strictSame([counted(1, 'point'), counted(1_000, 'point')], ['1 point', '1 000 points'])
})
