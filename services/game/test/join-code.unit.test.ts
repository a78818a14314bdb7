import t from 'tap'
import { joinCodeFrom, joinCodeLength, parseJoinCode } from '../join-code.ts'

t.test('a join code is found in what people type', async (t) => {
  for (const typed of [' abc234 ', 'ABC-234', 'abc 234', 'A B C–2 3 4']) t.equal(parseJoinCode(typed), 'ABC234', typed)
  t.equal(parseJoinCode('abc-2345'), 'ABC2345', 'the longer ones')
  for (const bad of ['', 'ABC23', 'ABC23456', 'ABC10O', 'ABC_234', 'ａbc234', `${' '.repeat(40)}ABC234`])
    t.equal(parseJoinCode(bad), undefined, bad)
  t.equal(joinCodeFrom(Uint8Array.from([0, 31, 32, 63, 255, 8])), '2Z2ZZA')
  for (let byte = 0; byte < 256; byte += 1) {
    t.ok(parseJoinCode(joinCodeFrom(new Uint8Array(6).fill(byte))), 'every code that is made can be typed')
  }
})

t.test('codes are longer among many sessions', async (t) => {
  t.same([0, 499, 500, 100_000].map(joinCodeLength), [6, 6, 7, 7])
})
