import fc from 'fast-check'
import t from 'tap'
import { checkNickname, defaultNickname, distinctNickname, nicknameKey } from '../nickname.ts'

const nickname = (text: string) => {
  const checked = checkNickname(text)
  return checked.ok ? checked.nickname : `(${checked.fault})`
}

t.test('a nickname is shown in its compatible form, without spaces around it', async (t) => {
  t.equal(nickname('  Ada   Lovelace '), 'Ada Lovelace')
  t.equal(nickname('Ｚｏｅ́'), 'Zoé')
  t.equal(nickname('李雷 🦊'), '李雷 🦊')
})

t.test('a nickname that cannot be read, or is read as another one, is refused', async (t) => {
  t.equal(nickname(''), '(minLength)')
  t.equal(nickname(' \u3000 '), '(minLength)')
  t.equal(nickname('x'.repeat(25)), '(maxLength)')
  t.equal(nickname('🦊'.repeat(24)), '🦊'.repeat(24), 'characters count, not code units')
  t.equal(nickname('ﷺ'.repeat(2)), '(maxLength)', 'the form in which it is shown counts')
  for (const bad of [
    'a\nb',
    'a\0b',
    'a\u202eb',
    'a\u200bb',
    '\u2066a',
    'a\ufeff b',
    '\ud800',
    '\u3164',
    'a\u2028b',
    '\ue000',
  ]) {
    t.equal(nickname(bad), '(pattern)', encodeURI(bad.toWellFormed()))
  }
})

t.test('nicknames that look the same have the same key', async (t) => {
  t.equal(nicknameKey('ADA'), nicknameKey('ada'))
  t.equal(nicknameKey('Straße'), nicknameKey('STRASSE'))
  t.equal(nicknameKey('O’Hara'), nicknameKey("o'hara"))
  t.not(nicknameKey('Ada'), nicknameKey('Ida'))
})

t.test('a default nickname is always a good one', async (t) => {
  t.equal(defaultNickname(undefined), 'Player')
  t.equal(defaultNickname('\u202e\u200b'), 'Player')
  t.equal(defaultNickname('Ada\u202e Lovelace'), 'Ada Lovelace')
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 1, max: 100_000 }), (name, number) => {
      for (const made of [defaultNickname(name), distinctNickname(defaultNickname(name), String(number))]) {
        if (nickname(made) !== made) throw new Error(`${JSON.stringify(made)} is ${nickname(made)}`)
      }
    }),
    { numRuns: 2_000 },
  )
})
