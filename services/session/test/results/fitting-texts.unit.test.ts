import t from 'tap'
import { fittingTexts } from '../../results/results.ts'

const texts = (...all: readonly string[]) => all.map((text, index) => ({ text, count: 9 - index }))

t.test('the most frequent texts that fit', async (t) => {
  t.same(fittingTexts([], 10), [])
  t.same(fittingTexts(texts('owl', 'hawk', 'tit'), 10), texts('owl', 'hawk', 'tit'), 'all')
  t.same(fittingTexts(texts('owl', 'hawks', 'emu', 'x'), 10), texts('owl', 'hawks'), 'none after one that does not fit')
  t.same(fittingTexts(texts('a long-eared owl', 'x'), 10), [{ text: 'a long-ear…', count: 9 }], 'the first one cut')
  t.same(fittingTexts(texts('🦉🦉🦉'), 10), [{ text: '🦉🦉…', count: 9 }], 'never in the middle of a character')
})
