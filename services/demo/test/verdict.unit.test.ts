import t from 'tap'
import type { Contestant, LastSeen } from '../src/contestant.ts'
import { createMeasures } from '../src/measures.ts'
import { summaryOf } from '../src/summary.ts'
import { createTally } from '../src/tally.ts'
import { seenWrongly } from '../src/verdict.ts'

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
const contestant = (playerId: string, lastSeen: LastSeen) =>
  ({ persona: { nickname: playerId }, player: { playerId }, lastSeen: () => lastSeen }) as unknown as Contestant
const right = (own: number): LastSeen => ({
  standing: { rank: own + 1, score: standings[own]?.score ?? 0 },
  scoreUpdated: standings[own]?.score,
  top: standings,
})

t.test('what clients saw last is compared with the ledger', async (t) => {
  t.strictSame(
    seenWrongly([contestant('a', right(0)), contestant('b', { ...right(1), scoreUpdated: undefined })], standings),
    [],
  )
  const wrong = [
    contestant('a', { ...right(0), scoreUpdated: 899 }),
    contestant('b', { ...right(1), standing: { rank: 1, score: 501 } }),
    contestant('a', { ...right(0), top: standings.slice(1) }),
    contestant('b', { ...right(1), standing: undefined }),
  ]
  t.strictSame(
    wrong.map((one) => seenWrongly([one], standings).length),
    [1, 2, 1, 2],
  )
})

t.test('the summary agrees only when everything does', async (t) => {
  const measures = createMeasures(() => 0)
  const checks = [{ check: 'ledger', compared: 2, differences: 0 }] as const
  const report = {
    sessionId: 's',
    title: '',
    status: 'finished',
    equal: true,
    players: 2,
    answers: 0,
    checks,
    differences: [],
    differenceCount: 0,
    standings,
  }
  const outcome = { report, seenWrongly: [], troubles: [], measures, answers: createTally(), clients: 3 }
  t.match(summaryOf(outcome), { agreed: true, text: /Verified: ledger = what 3 clients saw last/ })
  for (const change of [
    { report: { ...report, equal: false } },
    { report: { ...report, answers: 1 } },
    {
      report: {
        ...report,
        checks: [{ check: 'edge', compared: undefined, reason: 'no token', differences: 0 }] as const,
      },
    },
    { seenWrongly: ['x'] },
    { troubles: ['x'] },
  ]) {
    t.match(summaryOf({ ...outcome, ...change }), { agreed: false, text: /NOT VERIFIED/ })
  }
})
