import t from 'tap'
import { isPresent, presenceOf, union } from '../../streams/presence-counts.ts'

t.test('a presence holds exactly its join orders', async (t) => {
  const bits = presenceOf([1, 9, 1_000, -1, 2 ** 30])
  t.same(
    Array.from({ length: 1_100 }, (_, order) => order).filter((order) => isPresent(bits, order)),
    [1, 9, 1_000],
  )
  t.equal(bits.length, 126)
  t.equal(isPresent(bits, 2 ** 30), false)
  t.equal(presenceOf([]).length, 0)
})

t.test('whoever is in one of several is in their union', async (t) => {
  const all = union([presenceOf([1]), presenceOf([]), presenceOf([20, 1]), presenceOf([3])])
  t.same(
    Array.from({ length: 30 }, (_, order) => order).filter((order) => isPresent(all, order)),
    [1, 3, 20],
  )
  t.equal(union([]).length, 0)
})
