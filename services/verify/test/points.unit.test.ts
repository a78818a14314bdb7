import fc from 'fast-check'
import t from 'tap'
import { bonusOf, pointsOf } from '../points.ts'

const speed = { rule: 'speed', ruleVersion: 1, pointsPossible: 1000, creditNumerator: 1, creditDenominator: 1 }

t.test('speed: all points at once, half of them at the end, halves rounded up', async (t) => {
  t.equal(pointsOf({ ...speed, elapsedMs: 0, timeLimitMs: 20_000 }), 1000)
  t.equal(pointsOf({ ...speed, elapsedMs: 20_000, timeLimitMs: 20_000 }), 500)
  t.equal(pointsOf({ ...speed, elapsedMs: 2_000, timeLimitMs: 30_000 }), 967, '966.67')
  t.equal(pointsOf({ ...speed, pointsPossible: 500, elapsedMs: 5_000, timeLimitMs: 20_000 }), 438, '437.5')
  t.equal(pointsOf({ ...speed, pointsPossible: 1, elapsedMs: 20_000, timeLimitMs: 20_000 }), 1, '0.5')
  t.equal(pointsOf({ ...speed, creditNumerator: 0, elapsedMs: 0, timeLimitMs: 20_000 }), 0)
  t.equal(pointsOf({ ...speed, creditNumerator: 1, creditDenominator: 3, elapsedMs: 0, timeLimitMs: 1 }), 333)
})

t.test('flat: points times credit, whatever the time', async (t) => {
  t.equal(pointsOf({ ...speed, rule: 'flat', elapsedMs: 9_000, timeLimitMs: 10_000 }), 1000)
  t.equal(pointsOf({ ...speed, rule: 'flat', creditDenominator: 8, elapsedMs: 0, timeLimitMs: 10_000 }), 125)
})

t.test('what no rule takes has no points', async (t) => {
  const time = { elapsedMs: 5, timeLimitMs: 10 }
  t.equal(pointsOf({ ...speed, ...time, rule: 'luck' }), undefined)
  t.equal(pointsOf({ ...speed, ...time, ruleVersion: 3 }), undefined)
  t.equal(pointsOf({ ...speed, ...time, elapsedMs: 11 }), undefined)
  t.equal(pointsOf({ ...speed, ...time, elapsedMs: -1 }), undefined)
  t.equal(pointsOf({ ...speed, ...time, creditNumerator: 2 }), undefined)
  t.equal(pointsOf({ ...speed, ...time, creditDenominator: 0, creditNumerator: 0 }), undefined)
})

t.test('speed stays between half and all of the points of the credit, and never grows with time', async () => {
  const input = fc.record({ p: fc.nat(10_000), limit: fc.integer({ min: 1, max: 600_000 }), a: fc.nat(), b: fc.nat() })
  fc.assert(
    fc.property(input, ({ p, limit, a, b }) => {
      const [early = 0, late = 0] = [a % (limit + 1), b % (limit + 1)].sort((x, y) => x - y)
      const at = (elapsedMs: number) => pointsOf({ ...speed, pointsPossible: p, elapsedMs, timeLimitMs: limit }) ?? -1
      return at(early) <= p && at(early) >= at(late) && at(late) >= Math.ceil(p / 2)
    }),
  )
})

t.test(
  'the streak bonus grows from the second correct answer in a row to 250 and starts again after a gap',
  async (t) => {
    for (const [correct, bonus] of [
      ['', 0],
      ['1', 0],
      ['11', 50],
      ['111', 150],
      ['1111111', 50 + 100 + 150 + 200 + 250 + 250],
      ['1101', 50],
      ['11011', 100],
      ['0000', 0],
    ] as const) {
      t.equal(bonusOf('speed', 1, correct), bonus, correct)
    }
  },
)
