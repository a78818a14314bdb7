import type { QuestionTerms } from './records.ts'

export interface Credit {
  readonly numerator: number
  readonly denominator: number
}

const all: Credit = { numerator: 1, denominator: 1 }
const none: Credit = { numerator: 0, denominator: 1 }

/** Characters that people's keyboards put in place of another one, and that one. */
const ALIKE: readonly (readonly [string, string])[] = [
  ["'", '\u2018\u2019\u201a\u201b\u2032\u02b9\u02bb\u02bc\u02bd\u0060\u00b4\uff07'],
  ['"', '\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\uff02'],
  ['-', '\u2010\u2011\u2012\u2013\u2014\u2015\u2212'],
]
const plainOf = new Map(ALIKE.flatMap(([plain, others]) => [...others].map((other) => [other, plain] as const)))

const withPlainMarks = (text: string): string =>
  [...text].map((character) => plainOf.get(character) ?? character).join('')

/** By version of the text rule, which is the session's. */
const COMPARABLE: Readonly<Record<number, (text: string) => string>> = {
  /**
   * NFKC, case folded (by way of upper case, so that ß is ss), trimmed, spaces collapsed, one kind of apostrophe, quotation
   * mark and dash. Marks also before NFKC, which takes some of them apart.
   */
  1: (text) => {
    const folded = withPlainMarks(text).normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
    return withPlainMarks(folded).split(/\s+/).filter(Boolean).join(' ')
  },
  /** As 1, without invisible characters, and with ẞ as ss, ς as σ, and i with a dot as i. */
  2: (text) => {
    const plain = withPlainMarks(visible(text)).normalize('NFKC')
    const folded = visible(Array.from(plain, foldOne).join('')).replace(/i\u0307/g, 'i')
    return withPlainMarks(folded.normalize('NFKC')).split(/\s+/).filter(Boolean).join(' ')
  },
}

const visible = (text: string): string => Array.from(text, (one) => (/^\p{DI}$/u.test(one) ? '' : one)).join('')

const foldOne = (character: string): string => {
  if (character === 'ẞ') return 'ss'
  const upper = character.toLowerCase().toUpperCase()
  return Array.from(upper, (one) => one.toLowerCase())
    .join('')
    .replaceAll('ς', 'σ')
}

interface Given {
  readonly choices: readonly number[]
  readonly text: string | undefined
}

type CreditRule = (key: QuestionTerms['key'], given: Given, comparable: (text: string) => string) => Credit | undefined

const oneOption: CreditRule = ({ options = [] }, { choices }) =>
  choices.length === 1 && choices[0] === options[0] ? all : none

/** A number as it is written, times 10^330: all decimals of a double are whole then. */
const exactly = (text: string): bigint => {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)\.?(\d*)(?:e([+-]\d+))?$/.exec(text) ?? []
  return BigInt(sign + whole + fraction) * 10n ** BigInt(330 + Number(exponent) - fraction.length)
}

/** What an answer deserves, by kind. */
export const CREDIT_RULES = {
  single_choice: oneOption,
  true_false: oneOption,
  multiple_choice: ({ options = [] }, { choices }) => {
    const picks = [...new Set(choices)]
    const hits = picks.filter((pick) => options.includes(pick)).length
    return options.length === 0
      ? undefined
      : { numerator: Math.max(0, hits - (picks.length - hits)), denominator: options.length }
  },
  fill_blank: ({ texts = [] }, { text = '' }, comparable) => {
    const given = comparable(text)
    return texts.some((accepted) => comparable(accepted) === given) ? all : none
  },
  ordering: ({ options = [] }, { choices }) => {
    const pairs = (order: readonly number[]) => order.slice(1).map((option, place) => `${order[place]} ${option}`)
    if (choices.length !== options.length) return none
    const hits = pairs(choices).filter((pair) => pairs(options).includes(pair)).length
    return options.length < 2 ? undefined : { numerator: hits, denominator: options.length - 1 }
  },
  numeric: ({ value, tolerance }, { text = '' }) => {
    if (value === undefined || tolerance === undefined) return undefined
    if (text.trim() === '' || !Number.isFinite(Number(text))) return none
    const [answer, middle, margin] = [Number(text), value, tolerance].map((number) => exactly(String(number))) as [
      bigint,
      bigint,
      bigint,
    ]
    return middle - margin <= answer && answer <= middle + margin ? all : none
  },
  poll: () => none,
} as const satisfies Readonly<Record<string, CreditRule>>

const ruleOf = (kind: string): CreditRule | undefined => (CREDIT_RULES as Readonly<Record<string, CreditRule>>)[kind]

/** What an answer deserves by the key of its question. Undefined for a kind or a text rule that is not known here. */
export const creditOf = (question: QuestionTerms, answer: Given, textVersion: number): Credit | undefined => {
  const comparable = COMPARABLE[textVersion]
  return comparable && ruleOf(question.kind)?.(question.key, answer, comparable)
}

export const sameCredit = (a: Credit, b: Credit): boolean => a.numerator * b.denominator === b.numerator * a.denominator
