import fc from 'fast-check'
import t from 'tap'
import { parseCsv } from '../../../quizzes/import/csv.ts'
import { assess, type Drafts } from '../../../quizzes/import/draft.ts'
import { parseGift } from '../../../quizzes/import/gift.ts'
import { parseOpenTdb } from '../../../quizzes/import/opentdb.ts'

/** What an import may be at the most. */
const BYTES = 4 * 1024 * 1024

/** All of them take less than a second; what grows with the square of the length would take hours. */
const PATIENCE_MS = 10_000

const decode = (text: string): string => text.replaceAll('&amp;', '&')
const parsers = {
  gift: (text: string) => parseGift(text, decode),
  csv: parseCsv,
  opentdb: (text: string) => parseOpenTdb(text, decode),
} as const

const fill = (piece: string, before = '', after = ''): string =>
  before + piece.repeat((BYTES - before.length - after.length) / Buffer.byteLength(piece)) + after

const outcome = (drafts: Drafts): string => {
  if (!drafts.ok) return drafts.code
  const { questions, skipped } = assess(drafts.drafts)
  return skipped[0]?.reason ?? `${questions.length} questions`
}

const long: readonly [format: keyof typeof parsers, name: string, text: string, expected: string][] = [
  ['gift', 'tags that never end', fill('<', '[html]', ' {=a ~b}'), 'prompt-maxLength'],
  ['gift', 'a million right answers', fill('=a~b', 'x {', '}'), 'unreadable'],
  ['gift', 'a million questions', fill('a\n\n'), 'maxItems'],
  ['gift', 'lines of nothing', fill('\n ', 'a', 'b'), 'no-answers'],
  ['gift', 'titles that never end', fill('::'), 'no-answers'],
  ['gift', 'spaces behind a truth', fill(' ', 'a {t', 'x}'), 'unreadable'],
  [
    'csv',
    'a million columns',
    `${fill(',a', '', '').slice(0, BYTES / 2)},prompt,correct\n${'a\n'.repeat(900_000)}`,
    'header',
  ],
  ['csv', 'a million records', fill('x\n', 'prompt,correct\n'), 'maxItems'],
  ['csv', 'a million texts', fill('a|', 'prompt,correct\nx,'), 'correct-maxItems'],
  ['csv', 'letters that become eighteen', fill('\ufdfa', 'prompt,correct\nx,'), 'correct-0-maxLength'],
  ['csv', 'quotes', fill('""', 'prompt,correct\n"', '"'), 'prompt-maxLength'],
  ['opentdb', 'a million questions', fill('1,', '{"results":[', '1]}'), 'maxItems'],
  [
    'opentdb',
    'a million wrong answers',
    fill('"x",', '{"results":[{"type":"multiple","question":"x","correct_answer":"y","incorrect_answers":[', '""]}]}'),
    'options-maxItems',
  ],
]

for (const [format, name, text, expected] of long) {
  t.test(`${format}: four megabytes of ${name} are read in no time`, async (t) => {
    const before = performance.now()
    t.equal(outcome(parsers[format](text)), expected)
    t.ok(performance.now() - before < PATIENCE_MS)
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
  const hostile = parseOpenTdb('{"__proto__":{"results":[]},"results":[{"__proto__":{"type":"multiple"}}]}', decode)
  t.equal(outcome(hostile), 'no-question')
})
