import t from 'tap'
import { ERROR_CODES, isErrorCode, PodiumError } from '#platform/errors'
import { isId, newId } from '#platform/ids'

t.test('every error code is a lower-case word list with a sentence for humans', async (t) => {
  for (const [code, { detail }] of Object.entries(ERROR_CODES)) {
    t.match(code, /^[a-z]+(-[a-z]+)*$/)
    t.match(detail, /^[A-Z].*\.$/, code)
    t.ok(isErrorCode(code))
  }
  t.notOk(isErrorCode('toString'))
})

t.test('an error carries its code, its sentence and whether a retry can help', async (t) => {
  const error = new PodiumError('unavailable', { cause: new Error('secret') })
  t.equal(error.message, ERROR_CODES.unavailable.detail)
  t.equal(error.canRetry, true)
  t.equal(new PodiumError('already-answered').canRetry, false)
})

t.test('only canonical ids are ids, so nothing with a meaning in a subject passes', async (t) => {
  t.ok(isId(newId()))
  for (const bad of ['.', '*', '>', 'a.b', newId().toUpperCase(), `${newId()} `, '', 'x'.repeat(300), 7, null])
    t.notOk(isId(bad))
})

t.test('ids made one after another sort in that order', async (t) => {
  const ids = Array.from({ length: 1_000 }, newId)
  t.same(ids.toSorted(), ids)
  t.equal(new Set(ids).size, ids.length)
})
