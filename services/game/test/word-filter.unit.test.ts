import t from 'tap'
import { checkNickname, defaultNickname, nicknameKey } from '../nickname.ts'
import { createWordFilter, parseWords } from '../word-filter.ts'

const isAllowed = createWordFilter(parseWords('# words\n\ndamn\r\nLoser \nhell\n'))

t.test('whole words, however they are written', async (t) => {
  for (const name of ['damn', 'DAMN it', 'so_damn-good', 'd4mn', 'dämn', 'daaamn', 'd a m n', 'D.A.M.N', 'l0s€r']) {
    t.notOk(isAllowed(name), name)
  }
  for (const name of ['dаmn (cyrillic)', '1oser', '|oser', 'h3ll!', 'HE11', 'lοser', 'ｄａｍｎ'])
    t.notOk(isAllowed(name), name)
  for (const name of ['Amsterdamned', 'Shell', 'Hello', 'closer', 'Ada', 'Michelle', 'Dam N', '日本', '!!!', '7']) {
    t.ok(isAllowed(name), name)
  }
})

t.test('without words everything is fine', async (t) => {
  t.ok(createWordFilter([])('damn'))
  t.ok(createWordFilter(['!!', ''])('damn'))
})

t.test('a nickname with such a word is refused, a name in a token is replaced', async (t) => {
  t.same(checkNickname('d4mn', isAllowed), { ok: false, fault: 'forbidden-word' })
  t.same(checkNickname('x'.repeat(25), isAllowed), { ok: false, fault: 'maxLength' })
  t.equal(defaultNickname('Damn', isAllowed), 'Player')
  t.equal(defaultNickname('Ada', isAllowed), 'Ada')
})

t.test('what cannot be seen makes no nickname and no difference', async (t) => {
  for (const text of ['\ufe0f', '\u0301', ' \u0301\ufe0f '])
    t.match(checkNickname(text), { ok: false }, JSON.stringify(text))
  for (const text of [
    'a\u200bb',
    'a\u2066b',
    'a\u00adb',
    'a\u180bb',
    'a\u{e0041}b',
    'a\u061cb',
    'a\u{1d173}b',
    'a\ufeffb',
  ]) {
    t.match(checkNickname(text), { ok: false, fault: 'pattern' }, JSON.stringify(text))
  }
  t.match(checkNickname('I ❤\ufe0f Ada'), { ok: true })
  t.equal(nicknameKey('Ada\ufe0f'), nicknameKey('ADA'))
  t.equal(defaultNickname('\u0301'), 'Player')
})
