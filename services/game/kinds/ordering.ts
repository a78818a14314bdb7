import { checkOptions, choicesOf } from './choices.ts'
import { type Kind, NONE, optionsOf } from './kind.ts'

/**
 * Options to be put in order; a quiz holds them in the right one. Credit is the share of neighbours in the right order, so
 * that one option at the wrong place does not cost everything; it is full only when every option is where it belongs.
 */
export const ordering = {
  name: 'ordering',
  isAlwaysShuffled: true,
  check: ({ options, correct }, pointer, faults) => {
    checkOptions(options, pointer, faults)
    if (correct !== undefined) faults.add(`${pointer}/correct`, 'not')
    return { options }
  },
  keyOf: (_, optionOrder) => ({ options: optionOrder.map((_, place) => optionOrder.indexOf(place)) }),
  answerOf: (fields, optionCount) => {
    const choices = choicesOf(fields, optionCount)
    // Without a number of options, as for a repeat of an old answer: as many as were chosen.
    const isWhole = optionCount === Infinity || choices?.length === optionCount
    return choices !== undefined && isWhole && choices.length > 1 ? { choices } : undefined
  },
  fieldsOf: ({ choices }) => ({ choices }),
  evaluator: (key) => {
    const right = optionsOf(key) ?? []
    if (right.length < 2 || new Set(right).size < right.length) return undefined
    const next = new Map(right.slice(1).map((option, place) => [right[place], option]))
    return ({ choices }) => {
      if (choices.length !== right.length) return NONE
      let pairs = 0
      for (let place = 1; place < choices.length; place += 1) {
        if (next.get(choices[place - 1]) === choices[place]) pairs += 1
      }
      return { numerator: pairs, denominator: right.length - 1 }
    }
  },
  correctOf: optionsOf,
  /** How often each option was put where it belongs. */
  distribution: {
    of: 'options',
    count: (answers, optionOrder) =>
      optionOrder.map((place, option) =>
        answers.reduce((sum, { choices, count }) => sum + (choices[place] === option ? count : 0), 0),
      ),
  },
} as const satisfies Kind<never>
