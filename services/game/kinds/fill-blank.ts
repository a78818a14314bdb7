import type { Faults } from '../field-error.ts'
import { latestTextRule } from '../text.ts'
import { checkNoOptions } from './choices.ts'
import { FULL, type Key, type Kind, NONE } from './kind.ts'

const MAX_ACCEPTED_TEXTS = 20
const MAX_ACCEPTED_LENGTH = 200

/** Code units of an answer (500 characters): normalising longer ones would cost the square of their length. */
const MAX_ANSWER_LENGTH = 1_000

/**
 * Control characters, and those that turn the direction of what follows. Marks of direction, which keyboards of Hebrew and Arabic
 * insert, turn nothing.
 */
const FORBIDDEN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

/** A typed text equals one of the accepted ones, apart from what the session's text rule evens out. */
export const fillBlank = {
  name: 'fill_blank',
  check: ({ options, correct }, pointer, faults) => {
    checkNoOptions(options, pointer, faults)
    return { options: [], correct: checkTexts(correct, `${pointer}/correct`, faults) }
  },
  keyOf: ({ correct = [] }) => ({ texts: correct }),
  answerOf: ({ choice, choices, text, number }) =>
    text !== undefined &&
    choice === undefined &&
    choices === undefined &&
    number === undefined &&
    text.length <= MAX_ANSWER_LENGTH &&
    !FORBIDDEN.test(text)
      ? { choices: [], text }
      : undefined,
  fieldsOf: ({ text = '' }) => ({ text }),
  evaluator: (key, normalise) => {
    const accepted = new Set(textsOf(key)?.map(normalise))
    if (accepted.size === 0 || accepted.has('')) return undefined
    return ({ text }) =>
      text !== undefined && text.length <= MAX_ANSWER_LENGTH && accepted.has(normalise(text)) ? FULL : NONE
  },
  correctOf: textsOf,
  distribution: { of: 'texts', textOf: ({ text = '' }, normalise) => normalise(text.slice(0, MAX_ANSWER_LENGTH)) },
} as const satisfies Kind<readonly string[]>

function textsOf({ texts }: Key): readonly string[] | undefined {
  return Array.isArray(texts) && texts.every((text) => typeof text === 'string') ? texts : undefined
}

const checkTexts = (correct: unknown, pointer: string, faults: Faults): readonly string[] => {
  if (!Array.isArray(correct) || !correct.every((text) => typeof text === 'string')) {
    faults.add(pointer, 'type')
    return []
  }
  faults.count(pointer, correct, 1, MAX_ACCEPTED_TEXTS)
  for (const [index, text] of correct.slice(0, MAX_ACCEPTED_TEXTS).entries()) {
    const before = faults.errors.length
    faults.text(`${pointer}/${index}`, text, 1, MAX_ACCEPTED_LENGTH)
    // Nothing that a player types could equal it.
    if (faults.errors.length === before && latestTextRule(text) === '') faults.add(`${pointer}/${index}`, 'pattern')
  }
  return correct
}
