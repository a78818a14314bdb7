import fc from 'fast-check'
import t from 'tap'
import {
  type BoardEvent,
  type BoardState,
  EMPTY_BOARD,
  evolveBoard,
  type PublicQuestion,
  type Reveal,
} from '../src/index.ts'

const question = (index: number, closesAt = 2_000): PublicQuestion => ({
  questionId: `q${index}`,
  index,
  count: 3,
  kind: 'true_false',
  prompt: 'Is it?',
  points: 1_000,
  timeLimitMs: 1_000,
  opensAt: 1_000,
  closesAt,
})
const reveal: Reveal = {
  questionId: 'q0',
  index: 0,
  kind: 'true_false',
  correct: true,
  answerCount: 1,
  distribution: [1, 0],
}
const entry = (score: number) => ({ rank: 1, playerId: 'p', nickname: 'Mia', score, correctAnswers: 1 })
const frame = (version: number, score: number): BoardEvent => ({
  type: 'leaderboard.updated',
  data: { version, playerCount: 1, top: [entry(score)], me: { rank: 1, score } },
})
const snapshot = (more: object, version = 0): BoardEvent =>
  ({
    type: 'session.snapshot',
    data: { status: 'lobby', locked: false, leaderboard: { version, playerCount: 1, top: [] }, now: 1, ...more },
  }) as unknown as BoardEvent

const fold = (events: readonly BoardEvent[], from = EMPTY_BOARD): BoardState => events.reduce(evolveBoard, from)

t.test('a question opens, is answered, is closed', async (t) => {
  const open = fold([
    snapshot({}),
    { type: 'session.starting', data: { startsAt: 900 } },
    { type: 'question.opened', data: question(0) },
  ])
  t.match(open, { status: 'question_open', question: { questionId: 'q0' }, answered: [] })
  t.equal(open.startsAt, undefined)
  const earned = { questionId: 'q0', correct: true, points: 900, score: 900, streak: 1 }
  const answered = fold(
    [{ type: 'answer.accepted', data: { questionId: 'q0' } }, { type: 'score.updated', data: earned }, frame(7, 900)],
    open,
  )
  t.strictSame(answered.answered, ['q0'])
  t.strictSame(answered.earned, earned)
  t.strictSame(answered.me, { rank: 1, score: 900 })
  const closed = fold([{ type: 'question.closed', data: reveal }], answered)
  t.match(closed, { status: 'question_closed', reveal })
  t.equal(closed.question, undefined)
  const next = fold([{ type: 'question.opened', data: question(1) }], closed)
  t.equal(next.reveal, undefined)
})

t.test('how many have answered is of the open question, and of no other', async (t) => {
  const progress = (questionId: string, answered: number): BoardEvent => ({
    type: 'answers.progress',
    data: { questionId, answered, players: 3 },
  })
  const open = fold([{ type: 'question.opened', data: question(0) }, progress('q0', 1), progress('q0', 2)])
  t.strictSame(open.progress, { answered: 2, players: 3 })
  t.equal(fold([progress('q1', 3)], open), open)
  const again = (index: number) => snapshot({ status: 'question_open', question: question(index) })
  t.match(fold([again(0)], open), { progress: { answered: 2 } }, 'a snapshot says nothing of it')
  t.equal(fold([again(1)], open).progress, undefined)
  const closed = fold([{ type: 'question.closed', data: reveal }], open)
  t.equal(closed.progress, undefined)
  t.equal(fold([progress('q0', 3)], closed), closed, 'too late')
  t.equal(fold([{ type: 'question.opened', data: question(1) }], open).progress, undefined)
})

t.test('a board never goes back to an older version, neither by a frame nor by a snapshot', async () => {
  const versions = fc.array(fc.record({ version: fc.nat({ max: 9 }), isSnapshot: fc.boolean() }))
  fc.assert(
    fc.property(versions, (steps) => {
      let state = EMPTY_BOARD
      for (const { version, isSnapshot } of steps) {
        const next = evolveBoard(state, isSnapshot ? snapshot({}, version) : frame(version, version))
        if (next.version < state.version || next.version !== Math.max(version, state.version)) return false
        state = next
      }
      return true
    }),
  )
})

t.test('a pause ends with its last reason, and the question has new times', async (t) => {
  const pause = (reason: string): BoardEvent => ({ type: 'session.paused', data: { at: 1, reason } })
  const resume = (reason: string): BoardEvent => ({
    type: 'session.resumed',
    data: { at: 1, reason, question: question(0, 9_000) },
  })
  const paused = fold([{ type: 'question.opened', data: question(0) }, pause('host'), pause('operator')])
  t.match(paused, { status: 'paused', question: { questionId: 'q0' }, pause: { reasons: ['host', 'operator'] } })
  const half = fold([resume('host')], paused)
  t.match(half, { status: 'paused', pause: { reasons: ['operator'] } })
  const over = fold([resume('operator')], half)
  t.match(over, { status: 'question_open', question: { closesAt: 9_000 } })
  t.equal(over.pause, undefined)
})

t.test('an extension gives the open question new times, also when its time was up', async (t) => {
  const extended: BoardEvent = {
    type: 'question.extended',
    data: { questionId: 'q0', opensAt: 7_000, closesAt: 9_000 },
  }
  const open = fold([{ type: 'question.opened', data: question(0) }, extended])
  t.match(open, { status: 'question_open', question: { ...question(0), opensAt: 7_000, closesAt: 9_000 } })
  const next = fold([{ type: 'question.opened', data: question(1) }], open)
  t.equal(fold([extended], next), next, 'of a question before')
})

t.test('a snapshot in a pause shows the question that is held, and none otherwise', async (t) => {
  const held = {
    status: 'paused',
    question: question(0),
    reveal,
    pause: { reasons: ['host'], status: 'question_open' },
  }
  t.equal(fold([snapshot(held)]).question?.questionId, 'q0')
  const closed = fold([snapshot({ ...held, pause: { reasons: ['host'], status: 'question_closed' } })])
  t.equal(closed.question, undefined)
  t.equal(closed.reveal?.questionId, 'q0')
  t.match(fold([{ type: 'session.resumed', data: { at: 1, reason: 'host' } }], closed), { status: 'question_closed' })
})

t.test('what this device knows to be answered survives a snapshot that does not know it yet', async (t) => {
  const state = fold([
    { type: 'answer.accepted', data: { questionId: 'q1' } },
    snapshot({ me: { playerId: 'p', nickname: 'Mia', score: 5, rank: 2, answered: ['q0'] } }),
  ])
  t.strictSame(state.answered.toSorted(), ['q0', 'q1'])
  t.strictSame(state.me, { rank: 2, score: 5 })
})

t.test('the end shows the podium', async (t) => {
  const state = fold([
    { type: 'question.opened', data: question(0) },
    { type: 'session.finished', data: { top: [entry(9)], playerCount: 1, me: { rank: 1, score: 9 } } },
  ])
  t.match(state, { status: 'finished', top: [{ score: 9 }], me: { score: 9 } })
  t.equal(state.question, undefined)
})

t.test('a message that says nothing about the screen, or of a later version, changes nothing', async (t) => {
  t.equal(evolveBoard(EMPTY_BOARD, { type: 'stream.resumed', data: { replayed: 2 } }), EMPTY_BOARD)
  t.equal(evolveBoard(EMPTY_BOARD, { type: 'emoji.thrown', data: {} } as unknown as BoardEvent), EMPTY_BOARD)
})

t.test('own rank and score are both there or neither: a snapshot without them keeps what is known', async (t) => {
  const me = { playerId: 'p', nickname: 'Mia', answered: [] }
  t.equal(fold([snapshot({ me })]).me, undefined)
  t.strictSame(fold([snapshot({ me: { ...me, rank: 2, score: 0 } })]).me, { rank: 2, score: 0 })
  t.strictSame(fold([frame(7, 900), snapshot({ me }, 8)]).me, { rank: 1, score: 900 })
  t.equal(fold([frame(7, 900), snapshot({}, 8)]).me, undefined, 'a host has none')
})
