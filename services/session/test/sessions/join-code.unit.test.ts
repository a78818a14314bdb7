import t from 'tap'
import { joinCodeFrom, parseJoinCode } from '../../sessions/id-generator.ts'

t.test('a join code is found in what people type', async (t) => {
  t.equal(parseJoinCode(' abc234 '), 'ABC234')
  for (const bad of ['', 'ABC23', 'ABC2345', 'ABC10O', 'ABC-34', 'ａbc234']) t.equal(parseJoinCode(bad), undefined, bad)
  t.equal(joinCodeFrom(Uint8Array.from([0, 31, 32, 63, 255, 8, 9])), '2Z2ZZA')
  for (let byte = 0; byte < 256; byte += 1) {
    t.ok(parseJoinCode(joinCodeFrom(new Uint8Array(6).fill(byte))), 'every code that is made can be typed')
  }
})
