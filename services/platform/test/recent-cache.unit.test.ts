import t from 'tap'
import { createRecentCache } from '#platform/recent-cache'

t.test('a cache never holds more than its capacity and keeps what is used', async (t) => {
  const cache = createRecentCache<number, string>(100)
  cache.set(-1, 'used')
  for (let n = 0; n < 10_000; n++) {
    cache.set(n, `${n}`)
    if (n % 20 === 0) t.equal(cache.get(-1), 'used')
  }
  let held = 0
  for (let n = 0; n < 10_000; n++) if (cache.get(n) !== undefined) held += 1
  t.ok(held <= 100 && held >= 48, `${held} held`)
})

t.test('a value is replaced and deleted whichever generation it is in', async (t) => {
  const cache = createRecentCache<string, number>(4)
  cache.set('a', 1)
  cache.set('b', 1)
  cache.set('c', 1) // a and b are old now
  cache.set('a', 2)
  t.equal(cache.get('a'), 2)
  cache.delete('a')
  cache.delete('b')
  t.equal(cache.get('a'), undefined)
  t.equal(cache.get('b'), undefined)
})
