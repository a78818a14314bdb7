import type { QuestionTerms } from './records.ts'

export interface Credit {
  readonly numerator: number
  readonly denominator: number
}

const all: Credit = { numerator: 1, denominator: 1 }
const none: Credit = { numerator: 0, denominator: 1 }

const APOSTROPHES = /[\u2018\u2019\u201B\u02BC\u0060\u00B4\u2032]/g

/** How texts are compared: NFKC, case folded, trimmed, spaces collapsed, one kind of apostrophe. */
const comparable = (text: string): string =>
  text.normalize('NFKC').toLowerCase().replace(APOSTROPHES, "'").trim().replace(/\s+/g, ' ')

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
