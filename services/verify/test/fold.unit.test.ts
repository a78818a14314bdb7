import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { createFold, standingsOf } from '../fold.ts'
import type { LedgerRow, PlayerRecord } from '../records.ts'

const row = (playerId: string, questionIndex: number, points: number, elapsedMs = 1_000): LedgerRow => ({
  playerId,
  questionId: `q${questionIndex}`,
  questionIndex,
  joinOrder: Number(playerId.slice(1)),
  answerId: `${playerId}-${questionIndex}`,
  choices: [0],
  text: undefined,
  elapsedMs,
  delayMs: 0,
  receivedAtMs: 0,
  creditNumerator: points > 0 ? 1 : 0,
  creditDenominator: 1,
  timeLimitMs: 10_000,
  pointsPossible: 1_000,
  rule: 'speed',
  ruleVersion: 1,
  points,
})

const foldOf = (rows: readonly LedgerRow[]) => {
  const fold = createFold(4)
  for (const one of rows) fold.add(one)
  return fold.result()
}

const player = (joinOrder: number, status = 'joined'): PlayerRecord => ({
  playerId: `p${joinOrder}`,
  nickname: `Player ${joinOrder}`,
  joinOrder,
  status,
})

const terms = { scoring: 'speed', scoringVersion: 1, streakBonus: false, unscored: [] }

t.test('rows add up to points, correct answers, their time, and one bit per question', async (t) => {
  const { totals, progress, rows } = foldOf([row('p1', 0, 900, 700), row('p1', 3, 800, 50), row('p1', 1, 0, 9_000)])
  t.strictSame(totals.get('p1'), {
    joinOrder: 1,
    version: 3,
    points: 1_700,
    correctAnswers: 2,
    correctMs: 750,
    answered: '1101',
    correct: '1001',
  })
  t.strictSame(
    [...progress],
    [
      [0, 1],
      [3, 1],
      [1, 1],
    ],
  )
  t.equal(rows, 3)
})

t.test('any order of the rows adds up to the same', async () => {
  const key = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.nat(3))
  const rows = fc
    .uniqueArray(key, { selector: ([p, q]) => `${p}.${q}`, maxLength: 20 })
    .chain((keys) => fc.tuple(fc.constant(keys), fc.shuffledSubarray(keys, { minLength: keys.length })))
  const sorted = (keys: [number, number][]) => {
    const { totals } = foldOf(keys.map(([p, q]) => row(`p${p}`, q, (p + q) % 2 === 0 ? 0 : 500 + p, 10 * q)))
    return [...totals].sort(([a], [b]) => a.localeCompare(b))
  }
  fc.assert(fc.property(rows, ([keys, shuffled]) => assert.deepEqual(sorted(shuffled), sorted(keys))))
})

t.test('ranks: score, then less time, then who joined first; equal score and time share one', async (t) => {
  const rows = [
    row('p5', 0, 900, 500),
    row('p2', 0, 900, 500),
    row('p3', 0, 900, 400),
    row('p4', 0, 800, 100),
    row('p6', 0, 1_000, 1),
  ]
  const players = [1, 2, 3, 4, 5].map((order) => player(order)).concat(player(6, 'removed'), player(7, 'left'))
  const standings = standingsOf(players, foldOf(rows).totals, terms)
  t.strictSame(
    standings.map(({ rank, playerId, score }) => [rank, playerId, score]),
    [
      [1, 'p3', 900],
      [2, 'p2', 900],
      [2, 'p5', 900],
      [4, 'p4', 800],
      [5, 'p1', 0],
      [5, 'p7', 0],
    ],
  )
})

t.test('the streak bonus is part of the score where the session has it', async (t) => {
  const { totals } = foldOf([row('p1', 0, 100), row('p1', 1, 100), row('p1', 2, 100)])
  t.match(standingsOf([player(1)], totals, { ...terms, streakBonus: true }), [{ score: 450 }])
  t.match(standingsOf([player(1)], totals, terms), [{ score: 300 }])
})
