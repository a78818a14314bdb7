import fc from 'fast-check'
import t from 'tap'
import { growthOf } from '../../platform/test/support/growth.ts'
import { parseJoinCode } from '../join-code.ts'
import { KINDS, kindOf } from '../kinds/kinds.ts'
import { checkNickname, defaultNickname, distinctNickname, nicknameKey } from '../nickname.ts'
import { checkQuestion, checkQuiz } from '../question.ts'
import { latestTextRule, textRule } from '../text.ts'
import { createWordFilter } from '../word-filter.ts'

/** What costs the most: sorting of marks, decomposition, joiners, runs of what a pattern may begin at. */
const SHAPES: Readonly<Record<string, (length: number) => string>> = {
  'marks in the wrong order': (length) => `a${'\u0315'.repeat(length / 2)}${'\u0316'.repeat(length / 2)}`,
  'marks in turns': (length) => 'a\u0315\u0316'.repeat(length / 3),
  'one mark': (length) => 'a'.padEnd(length, '\u0301'),
  'a letter that becomes eighteen': (length) => '\ufdfa'.repeat(length),
  'Hangul taken apart': (length) => '\u1112\u1161\u11ab'.repeat(length / 3),
  joiners: (length) => 'क\u094d\u200d'.repeat(length / 3),
  'family emoji': (length) => '👨\u200d'.repeat(length / 3),
  'flags without end': (length) => '\u{1f3f4}\u{e0067}'.repeat(length / 4),
  'invisible characters': (length) => 'a\u200b\u00ad'.repeat(length / 3),
  spaces: (length) => `a${' '.repeat(length)}b`,
  'raised digits': (length) => 'x²'.repeat(length / 2),
  'halves of pairs': (length) => '\ud800'.repeat(length),
  quotes: (length) => '‘"`´'.repeat(length / 4),
  'signs between words': (length) => 'a!|@'.repeat(length / 4),
  'dots and hyphens': (length) => 'a-.'.repeat(length / 3),
}

const isAllowed = createWordFilter(['fool', 'a a a a a b'])

/** Everything that takes a text of a client, as it is called with texts that nothing has shortened. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  'a nickname': (text) => checkNickname(text, isAllowed),
  "a token's name": (text) => nicknameKey(distinctNickname(defaultNickname(text, isAllowed), '12')),
  'a join code': parseJoinCode,
  'a title': (text) => checkQuiz({ title: text, tags: [text], language: text, questions: [] }),
  'a prompt and what goes with it': (text) =>
    checkQuestion({
      kind: 'poll',
      prompt: text,
      options: ['a', text],
      explanation: text,
      difficulty: text,
      tags: [text],
      language: text,
      media: { kind: 'image', url: `https://${text}`, alt: text },
    }),
  ...Object.fromEntries(
    KINDS.map(({ name }) => [
      `${name}: options and keys`,
      (text: string) => checkQuestion({ kind: name, prompt: 'x', options: [text, `${text}b`], correct: [text, text] }),
    ]),
  ),
  'an answer': (text) => kindOf('fill_blank').answerOf({ text }, 0),
  'an answer that is judged': (text) => {
    for (const rule of [textRule(1), latestTextRule]) {
      kindOf('fill_blank').evaluator({ texts: ['owl'] }, rule)?.({ choices: [], text })
    }
  },
}

for (const [name, read] of Object.entries(READERS)) {
  t.test(`the time that ${name} takes grows with its length, not with its square`, async (t) => {
    for (const [shape, make] of Object.entries(SHAPES)) {
      const { isLinear, what } = growthOf((length) => {
        const text = make(length)
        return () => read(text)
      }, 4_000)
      t.ok(isLinear, `${shape}: ${what}`)
    }
  })
}

t.test('no text makes a reader throw', async () => {
  const piece = fc.oneof(
    fc.constantFrom(...Object.values(SHAPES).map((make) => make(12)), '_', '1e400', '-'),
    fc.string({ unit: 'binary', maxLength: 5 }),
  )
  const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(text, (value) => {
      for (const read of Object.values(READERS)) read(value)
    }),
    { numRuns: 300 },
  )
})
