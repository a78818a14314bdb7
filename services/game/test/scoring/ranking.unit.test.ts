import t from 'tap'
import { joinCodeFrom, parseJoinCode } from '../../../session/sessions/id-generator.ts'
import { ranked } from '../../scoring/ranking.ts'
import { streakBonus } from '../../scoring/streak-bonus.ts'
import { normaliseText } from '../../text.ts'

t.test('players rank by score, then time, then order of joining; equals share a rank', async (t) => {
  const standings = [
    { id: 'd', score: 5, correctMs: 100, joinOrder: 1 },
    { id: 'b', score: 10, correctMs: 200, joinOrder: 3 },
    { id: 'c', score: 10, correctMs: 200, joinOrder: 4 },
    { id: 'a', score: 10, correctMs: 100, joinOrder: 2 },
  ]
  t.same(
    ranked(standings).map(({ id, rank }) => `${rank} ${id}`),
    ['1 a', '2 b', '2 c', '4 d'],
  )
  t.same(ranked([]), [])
})

t.test('the streak bonus starts with the second correct answer in a row and grows to 250', async (t) => {
  const cases: readonly [string, number][] = [
    ['', 0],
    ['1', 0],
    ['11', 50],
    ['111', 150],
    ['1011', 50],
    ['110111', 50 + 150],
    ['1111111', 50 + 100 + 150 + 200 + 250 + 250],
  ]
  for (const [correct, bonus] of cases) t.equal(streakBonus(correct), bonus, correct)
})

t.test('a join code is found in what people type', async (t) => {
  t.equal(parseJoinCode(' abc234 '), 'ABC234')
  for (const bad of ['', 'ABC23', 'ABC2345', 'ABC10O', 'ABC-34', 'ａbc234']) t.equal(parseJoinCode(bad), undefined, bad)
  t.equal(joinCodeFrom(Uint8Array.from([0, 31, 32, 63, 255, 8, 9])), '2Z2ZZA')
  for (let byte = 0; byte < 256; byte += 1) {
    t.ok(parseJoinCode(joinCodeFrom(new Uint8Array(6).fill(byte))), 'every code that is made can be typed')
  }
})

t.test('typed texts are compared without what does not matter', async (t) => {
  t.equal(normaliseText('  It’s\u00a0 FINE '), "it's fine")
  t.equal(normaliseText('ﬁne'), 'fine')
})
