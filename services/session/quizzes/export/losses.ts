import type { StoredQuestion } from '../quiz-store.ts'

/** What a format cannot hold of a quiz, said once for each kind of loss with the numbers of its questions (from 1). */
export const createLosses = () => {
  const places = new Map<string, number[]>()
  return {
    /** `place` is the index of the question; without one the loss is the quiz's. */
    add: (what: string, place?: number): void => {
      const known = places.get(what) ?? []
      places.set(what, known)
      if (place !== undefined && known.at(-1) !== place + 1) known.push(place + 1)
    },
    /** Lines for the head of the file. */
    lines: (): readonly string[] =>
      places.size === 0
        ? ['Nothing is left out']
        : Array.from(places, ([what, numbers]) => `Left out: ${what}${numbers.length === 0 ? '' : of(numbers)}`),
  }
}

export type Losses = ReturnType<typeof createLosses>

const MAX_NUMBERS = 50

const of = (numbers: readonly number[]): string => {
  const more = numbers.length > MAX_NUMBERS ? ` and ${numbers.length - MAX_NUMBERS} more` : ''
  return ` (${numbers.length === 1 ? 'question' : 'questions'} ${numbers.slice(0, MAX_NUMBERS).join(' ')}${more})`
}

/** What neither GIFT nor a table holds. */
export const noteCommonLosses = (question: StoredQuestion, place: number, losses: Losses): void => {
  const { prompt, options, explanation, tags = [], language, optionMedia = {}, correct } = question
  if (tags.length > 0) losses.add('tags of questions', place)
  if (language !== undefined) losses.add('languages of questions', place)
  if (Object.keys(optionMedia).length > 0) losses.add('media of options', place)
  if (explanation === '') losses.add('empty explanations', place)
  const texts = [
    prompt,
    explanation ?? '',
    ...options,
    ...(question.kind === 'fill_blank' ? (correct as string[]) : []),
  ]
  if (texts.some((text) => text !== text.trim())) losses.add('spaces around texts', place)
}
