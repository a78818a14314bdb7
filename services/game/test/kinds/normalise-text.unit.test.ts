import fc from 'fast-check'
import t from 'tap'
import { normaliseText } from '../../kinds/normalise-text.ts'

const SAME: readonly (readonly [string, string])[] = [
  ["don't", 'don’t'],
  ["don't", 'don‘t'],
  ["don't", 'donʼt'],
  ["don't", 'don′t'],
  ["don't", 'don`t'],
  ["don't", 'don´t'],
  ["don't", 'don＇t'],
  ['say "hi"', 'say “hi”'],
  ['say "hi"', 'say «hi»'],
  ['well-known', 'well–known'],
  ['well-known', 'well‑known'],
  ['cafe\u0301', 'café'],
  ['ﬁnd', 'find'],
  ['① ２', '1 2'],
  ['STRASSE', 'straße'],
  ['ΟΔΟΣ', 'οδος'],
  ['a\u00a0\t b\n', 'a b'],
]

const DIFFERENT: readonly (readonly [string, string])[] = [
  ['cafe', 'café'],
  ['its', "it's"],
  ['a b', 'ab'],
  ['colour', 'color'],
]

t.test('texts that differ only by keyboard, case, width or spaces are the same', async (t) => {
  for (const [a, b] of SAME) t.equal(normaliseText(a), normaliseText(b), `${a} = ${b}`)
})

t.test('texts that differ in a letter, an accent or a word are not', async (t) => {
  for (const [a, b] of DIFFERENT) t.not(normaliseText(a), normaliseText(b), `${a} ≠ ${b}`)
})

t.test('normalising twice changes nothing more', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => normaliseText(normaliseText(text)) === normaliseText(text)),
    { numRuns: 2_000 },
  )
})
