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

/**
 * How texts are compared: NFKC, case folded (by way of upper case, so that ß is ss), trimmed, spaces collapsed, one kind of
 * apostrophe, quotation mark and dash. Marks also before NFKC, which takes some of them apart.
 */
const comparable = (text: string): string => {
  const folded = withPlainMarks(text).normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
  return withPlainMarks(folded).split(/\s+/).filter(Boolean).join(' ')
}

/** What an answer deserves by the key of its question. Undefined for a kind that is not known here. */
export const creditOf = (
  question: QuestionTerms,
  answer: { readonly choices: readonly number[]; readonly text: string | undefined },
): Credit | undefined => {
  const right = question.key.options ?? []
  switch (question.kind) {
    case 'single_choice':
    case 'true_false':
      return answer.choices.length === 1 && answer.choices[0] === right[0] ? all : none
    case 'multiple_choice': {
      const picks = [...new Set(answer.choices)]
      const hits = picks.filter((pick) => right.includes(pick)).length
      return right.length === 0
        ? undefined
        : { numerator: Math.max(0, hits - (picks.length - hits)), denominator: right.length }
    }
    case 'fill_blank': {
      const given = comparable(answer.text ?? '')
      return (question.key.texts ?? []).some((text) => comparable(text) === given) ? all : none
    }
    default:
      return undefined
  }
}

export const sameCredit = (a: Credit, b: Credit): boolean => a.numerator * b.denominator === b.numerator * a.denominator
