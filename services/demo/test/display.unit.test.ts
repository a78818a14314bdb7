import t from 'tap'
import type { PublicQuestion } from '#client'
import { createLines } from '../src/display.ts'
import { createCanvas, isInteractive } from '../src/terminal.ts'
import { bar, clean, cut, grouped, padded } from '../src/text.ts'
import { screenLines, type View } from '../src/view.ts'

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
const view: View = {
  title: 'English',
  players: 3,
  joined: 3,
  webSockets: 2,
  joinCode: 'ABC234',
  phase: 'open',
  question,
  difficulty: 'easy',
  remainingMs: 2_500,
  answered: 2,
  top: [entry(1, 'Mia', 1_900), entry(2, 'Zoë\u202e', 950)],
}

t.test('the screen fits its columns, keeps its height and shows no control characters', async (t) => {
  const phases: View[] = [
    { ...view, phase: 'joining', top: [] },
    view,
    {
      ...view,
      phase: 'closed',
      reveal: { questionId: 'q', index: 0, correct: 1, answerCount: 3, distribution: [1, 2, 0] },
    },
    { ...view, phase: 'finished' },
  ]
  const heights = phases.map((one) => screenLines(one, 80).length)
  t.equal(new Set(heights).size, 1)
  for (const columns of [50, 80, 110]) {
    for (const line of screenLines(view, columns)) t.ok([...line].length <= columns, line)
  }
  const text = screenLines(view, 80).join('\n')
  t.match(text, 'What did you do?')
  t.match(text, '2.5 s')
  t.match(text, '1 900')
  t.notMatch(text, '\u202e')
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
  lines.lobby({ title: 'English', players: 2, joinCode: 'ABC234', serverNow: Date.now })
  lines.joined(1, 1)
  lines.joined(2, 1)
  lines.opened(question, 'easy')
  lines.board(view.top)
  lines.closed({ questionId: 'q', index: 0, correct: 1, answerCount: 4, distribution: [1, 3, 0] })
  t.strictSame(out.text().trim().split('\n'), [
    '"English" for 2 players, join code ABC234',
    '2 players joined: 1 over WebSocket, 1 over SSE',
    'Question 1/2 (easy): What did you do?',
    '  4 answers, 75 % right (b); 1. Mia 1 900, 2. Zoë? 950',
  ])
})

t.test('text: cleaned, cut, padded, grouped', async (t) => {
  t.equal(clean('a\u001b[31m\nb\u0007'), 'a b?')
  t.equal(cut('abcdef', 4), 'abc…')
  t.equal(padded('ab', 4), 'ab  ')
  t.equal(grouped(1_234_567), '1 234 567')
  t.equal(bar(0.5, 4), '██░░')
})
