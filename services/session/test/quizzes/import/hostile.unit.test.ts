import fc from 'fast-check'
import t from 'tap'
import { growthOf } from '../../../../platform/test/support/growth.ts'
import { parseCsv } from '../../../quizzes/import/csv.ts'
import { assess, type Drafts } from '../../../quizzes/import/draft.ts'
import { parseGift } from '../../../quizzes/import/gift.ts'
import { parseOpenTdb } from '../../../quizzes/import/opentdb.ts'

/** What an import may be at the most. */
const BYTES = 4 * 1024 * 1024

const parsers = {
  gift: parseGift,
  csv: parseCsv,
  opentdb: parseOpenTdb,
} as const

/** `piece` again and again between two texts, `bytes` long. */
const fill = (piece: string, before = '', after = '', bytes = BYTES): string =>
  before + piece.repeat((bytes - before.length - after.length) / Buffer.byteLength(piece)) + after

const outcome = (drafts: Drafts): string => {
  if (!drafts.ok) return drafts.code
  const { questions, skipped } = assess(drafts.drafts)
  return skipped[0]?.reason ?? `${questions.length} questions`
}

const long: readonly [format: keyof typeof parsers, name: string, text: string, expected: string][] = [
  ['gift', 'tags that never end', fill('<', '[html]', ' {=a ~b}'), 'too-long'],
  ['gift', 'a million right answers', fill('=a~b', 'x {', '}'), 'too-long'],
  ['gift', 'a million questions', fill('a\n\n'), 'maxItems'],
  ['gift', 'lines of nothing', fill('\n ', 'a', 'b'), 'no-answers'],
  ['gift', 'titles that never end', fill('::'), 'too-long'],
  ['gift', 'spaces behind a truth', fill(' ', 'a {t', 'x}'), 'too-long'],
  [
    'csv',
    'a million columns',
    `${fill(',a', '', '').slice(0, BYTES / 2)},prompt,correct\n${'a\n'.repeat(900_000)}`,
    'row-too-long',
  ],
  ['csv', 'a million records', fill('x\n', 'prompt,correct\n'), 'maxItems'],
  ['csv', 'a million texts', fill('a|', 'prompt,correct\nx,'), 'row-too-long'],
  ['csv', 'letters that become eighteen', fill('\ufdfa', 'prompt,correct\nx,'), 'row-too-long'],
  ['csv', 'quotes', fill('""', 'prompt,correct\n"', '"'), 'row-too-long'],
  ['opentdb', 'a million questions', fill('1,', '{"results":[', '1]}'), 'maxItems'],
  [
    'opentdb',
    'a million wrong answers',
    fill('"x",', '{"results":[{"type":"multiple","question":"x","correct_answer":"y","incorrect_answers":[', '""]}]}'),
    'options-maxItems',
  ],
]

for (const [format, name, text, expected] of long) {
  t.test(`${format}: four megabytes of ${name} are ${expected}`, async (t) => {
    t.equal(outcome(parsers[format](text)), expected)
  })
}

t.test('the time to read a file grows with its length, not with its square', async (t) => {
  const growing: readonly [name: string, read: (text: string) => unknown, make: (bytes: number) => string][] = [
    ['GIFT of signs', parseGift, (bytes) => giftOf('<', bytes)],
    ['GIFT of comments that never end', parseGift, (bytes) => giftOf('<!--', bytes)],
    ['GIFT of nested elements', parseGift, (bytes) => giftOf('<b>', bytes)],
    ['GIFT of questions', parseGift, (bytes) => fill('Is it? {=yes ~no}\n\n', '', '', Math.min(bytes, 80_000))],
    ['GIFT of one line', parseGift, (bytes) => fill('a {', '', '', bytes)],
    ['GIFT of blank lines', parseGift, (bytes) => fill('\n ', 'a', 'b', bytes)],
    ['CSV of quotes', parseCsv, (bytes) => fill('"",', 'prompt,correct\n', '', bytes)],
    ['CSV of open quotes', parseCsv, (bytes) => fill('"a\n', 'prompt,correct\n', '', bytes)],
    ['CSV of cells', parseCsv, (bytes) => fill('x,', 'prompt,correct\n', '', bytes)],
    ['JSON of long options', parseOpenTdb, (bytes) => longOptions('a', bytes)],
    ['JSON of misordered marks', parseOpenTdb, (bytes) => longOptions('\u0315\u0316', bytes)],
  ]
  for (const [name, read, make] of growing) {
    const { isLinear, what } = growthOf((bytes) => {
      const text = make(bytes)
      return () => read(text)
    }, BYTES / 32)
    t.ok(isLinear, `${name}: ${what}`)
  }
})

/** Questions as long as a question may be, of the same piece. */
const giftOf = (piece: string, bytes: number): string => {
  const question = fill(piece, '[html]', ' {T}', 19_000)
  return fill(`${question}\n\n`, '', '', bytes)
}

/** An answer of the provider with two options of that many bytes, alike but for their end. */
const longOptions = (piece: string, bytes: number): string => {
  const long = fill(piece, '', '', bytes / 2)
  return JSON.stringify({
    results: [{ type: 'multiple', question: 'x', correct_answer: `${long}a`, incorrect_answers: [`${long}b`] }],
  })
}

t.test('no text makes a parser throw, and nothing in it becomes a property of anything else', async (t) => {
  const piece = fc.constantFrom(
    ...[
      '{',
      '}',
      '=',
      '~',
      '#',
      '####',
      '->',
      '%50%',
      '::',
      '\\',
      '\n',
      '\n\n',
      '\r\n',
      '"',
      '""',
      ',',
      ';',
      '|',
      '//',
    ],
    ...['__proto__', 'constructor', 'prompt', 'correct', 'option1', 'kind', 'T', '1', '-1', '1e400', '[html]', '<b>'],
    ...['\u0000', '\ud800', '\ufeff', '\u202e', '{"results":[', '{"__proto__":{"polluted":1}}', '"type":"multiple"'],
  )
  const text = fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 60 })
  const start = fc.constantFrom('', 'prompt,correct\n', 'prompt;correct;option1;__proto__\n', '{"results":[')
  fc.assert(
    fc.property(start, text, (head, pieces) => {
      for (const parse of Object.values(parsers)) {
        const drafts = parse(head + pieces.join(''))
        if (!drafts.ok) continue
        const { questions, skipped } = assess(drafts.drafts)
        if (questions.length + skipped.length !== drafts.drafts.length) return false
      }
      return !('polluted' in {})
    }),
    { numRuns: 2_000 },
  )
  const hostile = parseOpenTdb('{"__proto__":{"results":[]},"results":[{"__proto__":{"type":"multiple"}}]}')
  t.equal(outcome(hostile), 'no-question')
})
