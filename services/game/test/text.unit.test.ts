import fc from 'fast-check'
import t from 'tap'
import { readingOf, TEXT_VERSION, textRule } from '../text.ts'

const VERSIONS = Array.from({ length: TEXT_VERSION }, (_, index) => index + 1)

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

/** Since version 2. */
const SAME_TO_THE_EYE: readonly (readonly [string, string])[] = [
  ['Straße', 'STRAẞE'],
  ['strasse', 'straẞe'],
  ['was', 'wa\u200bs'],
  ['was', 'wa\u00ads'],
  ['was', '\u200ewas\u200f'],
  ['was', '\u2067was\u2069'],
  ['was', '\ufeffwas'],
  ['was', 'w\u2060as'],
  ['\u2764', '\u2764\ufe0f'],
  ['it', 'İt'],
  ['it', 'I\u0307t'],
  ['cafe\u0301', 'cafe\u200b\u0301'],
  ['ΟΔΟΣ ΑΣ', 'οδοσ ας'],
]

t.test('texts that differ only by keyboard, case, width or spaces are the same', async (t) => {
  for (const version of VERSIONS) {
    for (const [a, b] of SAME) t.equal(textRule(version)(a), textRule(version)(b), `${a} = ${b}, version ${version}`)
  }
})

t.test('texts that differ in what is not seen, in ẞ or in İ are the same since version 2', async (t) => {
  for (const [a, b] of SAME_TO_THE_EYE) t.equal(textRule(2)(a), textRule(2)(b), `${a} = ${encodeURI(b)}`)
})

t.test('version 1 stays as it was for the sessions that were created with it', async (t) => {
  t.not(textRule(1)('Straße'), textRule(1)('STRAẞE'))
  t.not(textRule(1)('was'), textRule(1)('wa\u200bs'))
  t.not(textRule(1)('it'), textRule(1)('İt'))
  t.throws(() => textRule(0), RangeError)
  t.throws(() => textRule(TEXT_VERSION + 1), RangeError)
})

t.test('texts that differ in a letter, an accent or a word are not', async (t) => {
  for (const version of VERSIONS) {
    for (const [a, b] of DIFFERENT) t.not(textRule(version)(a), textRule(version)(b), `${a} ≠ ${b}, version ${version}`)
  }
})

t.test('letters that fold to the same one by Unicode are the same text', async (t) => {
  const different: string[] = []
  for (let code = 0; code <= 0x10ffff; code += 1) {
    if (code >= 0xd800 && code <= 0xdfff) continue
    const letter = String.fromCodePoint(code)
    for (const other of [letter.toLowerCase(), letter.toUpperCase()]) {
      if (textRule(2)(letter) !== textRule(2)(other)) different.push(`${code.toString(16)} ${other}`)
    }
  }
  t.same(different, [])
})

t.test('normalising twice changes nothing more', async () => {
  for (const version of VERSIONS) {
    const normalise = textRule(version)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => normalise(normalise(text)) === normalise(text)),
      { numRuns: 2_000 },
    )
  }
})

t.test('options read the same when no player can tell them apart', async (t) => {
  const same = [
    ['went', ' went '],
    ['went', 'we\u200bnt'],
    ['went', 'ｗｅｎｔ'],
    ["it's", 'it’s'],
    ['café', 'cafe\u0301'],
    ['a b', 'a\u00a0 b'],
    ['Ann', 'An\u200dn'],
    ['❤', '❤\ufe0f'],
  ] as const
  for (const [a, b] of same) t.equal(readingOf(a), readingOf(b), `${a} = ${encodeURI(b)}`)
  const different = [
    ['monday', 'Monday'],
    ['x²', 'x2'],
    ['H₂O', 'H2O'],
    ['1', '①'],
    ['👨‍👩‍👧', '👨👩👧'],
    [
      '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
      '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}',
    ],
    ['cafe', 'café'],
  ] as const
  for (const [a, b] of different) t.not(readingOf(a), readingOf(b), `${a} ≠ ${b}`)
})
