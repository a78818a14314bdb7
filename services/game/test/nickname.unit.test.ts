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

t.test('a nickname may have the joiners that its script or its emoji need', async (t) => {
  const names = {
    'a family': '👩‍👩‍👧',
    'a profession with a skin tone': '👩🏽‍⚕️ Ada',
    'a flag with a sign on it': '🏳️‍🌈',
    'the flag of England': '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
    'Persian with a non-joiner': 'علی‌رضا',
    'Sinhala with a conjunct': 'ශ්‍රී',
    'Hindi with a conjunct': 'क्‍ष',
    'Hindi without one': 'क्‌ष',
    'Bengali with ra before ya': 'র‍্যাব',
  }
  for (const [what, name] of Object.entries(names)) {
    t.equal(nickname(name), name, what)
    t.equal(defaultNickname(name), name, `${what}, from a token`)
  }
})

t.test('a joiner that nothing needs is refused, and taken out of the name in a token', async (t) => {
  const names = {
    'between Latin letters': ['An\u200dn', 'Ann'],
    'a non-joiner between Latin letters': ['An\u200cn', 'Ann'],
    'behind an Arabic letter that joins nothing': ['کار‌ها', 'کارها'],
    'at the beginning': ['\u200cعلی', 'علی'],
    'at the end': ['علی\u200c', 'علی'],
    'behind an emoji': ['🦊\u200dA', '🦊A'],
    'two of them': ['👩\u200d\u200d👧', '👩👧'],
    'tags without a flag': ['A\u{e0067}\u{e007f}', 'A'],
  } as const
  for (const [what, [name, without]] of Object.entries(names)) {
    t.equal(nickname(name), '(pattern)', what)
    t.equal(defaultNickname(name), without, `${what}, from a token`)
  }
})

t.test('a nickname that is far too long is refused before it is normalised', async (t) => {
  const marks = `a${'\u0315'.repeat(65_000)}${'\u0316'.repeat(65_000)}`
  t.equal(nickname(marks), '(maxLength)')
  t.equal(typeof defaultNickname(marks), 'string')
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

t.test('letters of other alphabets that look the same make no other nickname', async (t) => {
  const same = [
    ['Ada', 'Аdа'], // Cyrillic А and а
    ['Ian', 'lan'],
    ['BOB', 'ВОВ'], // Cyrillic
    ['Leo 10', 'Lео lo'],
  ]
  for (const [one = '', other = ''] of same) t.equal(nicknameKey(one), nicknameKey(other), `${one} ${other}`)
  const different = [
    ['Søren', 'Soren'],
    ['Ada', 'Äda'],
    ['Мария', 'Марія'],
    ['Ada', 'Adam'],
  ]
  for (const [one = '', other = ''] of different) t.not(nicknameKey(one), nicknameKey(other), `${one} ${other}`)
})

t.test('stacks of marks are refused, and spelling with several marks is not', async (t) => {
  for (const stacked of [`a${'\u0315'.repeat(2)}`, 'x\u0315\u0316\u0317\u0318', `z${'\u0300\u0301'.repeat(10)}`]) {
    t.match(checkNickname(stacked), { ok: false, fault: 'pattern' })
    t.equal(checkNickname(defaultNickname(stacked)).ok, true)
  }
  for (const name of ['Nguyễn', 'กำลังใจ', 'नमस्ते', 'שָׁלוֹם', '❤️', '1️⃣']) t.equal(checkNickname(name).ok, true, name)
})
