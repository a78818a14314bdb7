import t from 'tap'
import { createTokenBucket } from '#platform/rates'

t.test('a bucket gives its burst at once, then its rate, and never more than its burst', async (t) => {
  const bucket = createTokenBucket({ burst: 3, perSecond: 2 }, 0)
  t.same(
    [1, 2, 3].map(() => bucket.take(0)),
    [0, 0, 0],
  )
  t.equal(bucket.take(0), 0.5)
  t.equal(bucket.take(250), 0.25, 'an attempt in vain costs nothing')
  t.equal(bucket.take(500), 0)
  t.ok(bucket.take(500) > 0)
  t.same(
    [1, 2, 3].map(() => bucket.take(60_000)),
    [0, 0, 0],
  )
  t.ok(bucket.take(60_000) > 0)
})
