import fc from 'fast-check'

/** Texts that stand for themselves in JSON, because no JavaScript value is written like that. */
const RAW = ['1e400', '-1e400', '-0', '9007199254740993', '"\\ud800"', '"\\udc00x"', '"\\u0000"', 'NaN', '01', '"\t"']
const RAW_MARK = 'raw:'

const NASTY: readonly unknown[] = [
  '',
  ' ',
  '.',
  '*',
  '>',
  '__proto__',
  'constructor',
  '\u202e',
  '\u200b',
  'ﷺ',
  '𝕬',
  'é'.repeat(64),
  'x'.repeat(600),
  '%0d%0a',
  "' OR 1=1--",
  '../../etc/passwd',
  '<script>',
  '=1+1',
  'null',
  'true',
  '0',
  -1,
  0,
  1,
  2,
  1.5,
  1e9,
  2 ** 31,
  2 ** 53,
  -(2 ** 53),
  1e308,
  null,
  true,
  false,
  [],
  {},
  [[]],
  [null],
  { a: 1 },
  ...RAW.map((text) => RAW_MARK + text),
]

/** In characters: of tags, ids, nicknames, titles, options, answers, prompts and explanations; and far beyond all of them. */
const LIMITS = [24, 50, 64, 200, 300, 500, 1_000, 2_000, 20_000]

/** Characters that grow, that are two units, or that have to be put in order, which costs the square of their number. */
const SHAPES: readonly ((length: number) => string)[] = [
  (length) => 'x'.repeat(length),
  (length) => '🦉'.repeat(length),
  (length) => '\ufdfa'.repeat(length),
  (length) => `a${'\u0315'.repeat(length / 2)}${'\u0316'.repeat(length / 2 - 1)}`,
  (length) => 'a\u0316\u0315'.repeat(length / 3),
  (length) => 'क\u094d\u200d'.repeat(length / 3),
  (length) => `a${' '.repeat(length - 2)}b`,
]

/** Texts about as long as some text may be. */
export const nearLimits = fc
  .tuple(fc.constantFrom(...LIMITS), fc.integer({ min: -1, max: 1 }), fc.constantFrom(...SHAPES))
  .map(([limit, more, shape]) => shape(limit + more))

/** Values that are easily forgotten. */
export const nasty = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...NASTY) }, { weight: 1, arbitrary: nearLimits })
const id = fc.constantFrom(
  '<session>',
  '<other-session>',
  '<quiz>',
  '<question>',
  '<old-question>',
  '<player-id>',
  '<code>',
)
const edit = fc.record({
  at: fc.nat(40),
  how: fc.constantFrom('replace', 'remove', 'add'),
  value: fc.oneof(nasty, id, fc.jsonValue({ maxDepth: 3 })),
})

type Edit = { readonly at: number; readonly how: string; readonly value: unknown }

/** Changes one place of a document, counted from its root in order of appearance. */
const applyEdit = (document: unknown, { at, how, value: drawn }: Edit): unknown => {
  const value = structuredClone(drawn)
  const places: [holder: Record<string, unknown>, key: string][] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key])
      visit((node as Record<string, unknown>)[key])
    }
  }
  visit(document)
  const [holder, key] = places[at % Math.max(places.length, 1)] ?? []
  if (holder === undefined || key === undefined) return value
  if (how === 'replace') holder[key] = value
  else if (how === 'remove') delete holder[key]
  else if (Array.isArray(holder)) holder.push(value)
  else
    Object.defineProperty(holder, typeof value === 'string' ? value : 'more', {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  return document
}

const write = (value: unknown): string =>
  (JSON.stringify(value) ?? 'null').replace(
    /"raw:((?:[^"\\]|\\.)*)"/g,
    (_, text: string) => JSON.parse(`"${text}"`) as string,
  )

/** The document as it should be, or with a few changes, as text. */
const nearly = (document: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  fc
    .tuple(
      document,
      fc.oneof(
        { weight: 2, arbitrary: fc.constant([]) },
        { weight: 3, arbitrary: fc.array(edit, { minLength: 1, maxLength: 3 }) },
      ),
    )
    .map(([whole, edits]) => write(edits.reduce(applyEdit, structuredClone(whole))))

export const anything = fc.oneof(fc.json({ maxDepth: 4 }), nasty.map(write), fc.string({ maxLength: 100 }))

/** Mostly nearly right. */
export const mostly = (document: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 8, arbitrary: nearly(document) }, { weight: 1, arbitrary: anything })
