import t from 'tap'
import { type BoardState, EMPTY_BOARD } from '#client'
import type { Contestant } from '../contestant.ts'
import { createMeasures } from '../measures.ts'
import { differencesSeen, summaryOf } from '../summary.ts'

const standing = (rank: number, playerId: string, score: number) => ({
  rank,
  playerId,
  nickname: playerId,
  joinOrder: rank,
  score,
  correctAnswers: 1,
  correctMs: 5,
  version: 1,
})
const standings = [standing(1, 'a', 900), standing(2, 'b', 500)]
const report = {
  sessionId: 's',
  title: '',
  status: 'finished',
  equal: true,
  players: 2,
  answers: 2,
  checks: [{ check: 'ledger', compared: 2, differences: 0 }] as const,
  differences: [],
  differenceCount: 0,
  standings,
} as const
const contestant = (playerId: string, board: Partial<BoardState>, more: Partial<Contestant> = {}) =>
  ({
    persona: { nickname: playerId },
    player: { playerId, device: { board: { ...EMPTY_BOARD, ...board } } },
    presence: 'in',
    returned: undefined,
    accepted: 1,
    ...more,
  }) as unknown as Contestant
const earned = (score: number) => ({ questionId: 'q', points: 1, score, streak: 1 })
const right = (own: number) => {
  const score = standings[own]?.score ?? 0
  return { me: { rank: own + 1, score }, earned: earned(score), top: standings }
}
const [ada, bob] = [contestant('a', right(0)), contestant('b', right(1))]
const faults = (contestants: readonly Contestant[], top = standings) => differencesSeen({ contestants, top }, report, 0)

t.test('what clients saw last is compared with the ledger', async (t) => {
  t.strictSame(await faults([ada, contestant('b', { ...right(1), earned: undefined })]), [])
  const wrong: [Contestant, Contestant][] = [
    [contestant('a', { ...right(0), earned: earned(899) }), bob],
    [ada, contestant('b', { ...right(1), me: { rank: 1, score: 501 } })],
    [contestant('a', { ...right(0), top: standings.slice(1) }), bob],
    [ada, contestant('b', { ...right(1), me: undefined })],
  ]
  t.strictSame(await Promise.all(wrong.map(async (pair) => (await faults(pair)).length)), [1, 2, 1, 2])
  t.match(await faults([ada, bob], standings.slice(1)), [/^the host saw the top/])
})

t.test('a removed player has no place; one that left has, and sees nothing', async (t) => {
  const removed = contestant('c', {}, { presence: 'removed', accepted: 0 })
  t.strictSame(await faults([ada, bob, removed]), [])
  t.strictSame(await faults([ada, contestant('b', right(1), { presence: 'removed' })]), [
    'b was removed and is on the board',
  ])
  t.strictSame(await faults([ada, contestant('b', {}, { presence: 'left' })]), [])
})

t.test('a player that came back is one player with every answer', async (t) => {
  t.match(await faults([ada, contestant('b', right(1), { accepted: 2 })]), [
    'b had 2 answers accepted, the ledger has 1',
    'clients had 3 answers accepted, the ledger has 2',
  ])
  const twice = { ...report, standings: [...standings, { ...standing(3, 'b2', 0), nickname: 'b' }] }
  const differences = await differencesSeen({ contestants: [ada, bob], top: twice.standings }, twice, 0)
  t.ok(differences.includes('b is 2 times on the board'))
  const unknown = contestant('x', right(1), { presence: 'left', accepted: 0 })
  t.ok((await faults([ada, bob, unknown])).includes('x is 0 times on the board'))
})

t.test('the summary agrees only when everything does', async (t) => {
  const measures = createMeasures(() => 0)
  const contestants = [
    ada,
    contestant('b', right(1), { returned: 'after leaving' }),
    contestant('c', right(1), { presence: 'removed' }),
  ]
  const game = { contestants, latecomers: 0, counts: new Map(), troubles: [] }
  const outcome = { report, differences: [], measures, game }
  const { text, agreed } = summaryOf(outcome)
  t.ok(agreed)
  t.match(text, 'Verified: ledger = what 3 clients saw last')
  t.match(text, /Players {3}3\n {10}1 left and came back: one player, all answers\n {10}1 removed: off the board\n/)
  for (const change of [
    { report: { ...report, equal: false } },
    {
      report: {
        ...report,
        checks: [{ check: 'edge', compared: undefined, reason: 'no token', differences: 0 }] as const,
      },
    },
    { differences: ['x'] },
    { game: { ...game, troubles: ['x'] } },
  ]) {
    t.match(summaryOf({ ...outcome, ...change }), { agreed: false, text: /NOT VERIFIED/ })
  }
})
