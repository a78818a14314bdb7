import { checkOptions, choicesOf, isIndex, picksPerOption } from './choices.ts'
import { type Kind, optionsOf } from './kind.ts'

const ascending = (options: readonly number[]): readonly number[] => options.toSorted((a, b) => a - b)

/**
 * Several options are right: (right picks − wrong picks) / right options, never below 0. Choosing all of them earns no more
 * than a guess would, an option chosen twice counts once. The order of the picks means nothing.
 */
export const multipleChoice = {
  name: 'multiple_choice',
  check: ({ options, correct }, pointer, faults) => {
    checkOptions(options, pointer, faults)
    const indexes = Array.isArray(correct) ? correct.filter((index) => isIndex(index, options.length)) : undefined
    if (indexes === undefined) faults.add(`${pointer}/correct`, 'type')
    else if (indexes.length < (correct as unknown[]).length) faults.add(`${pointer}/correct`, 'maximum')
    else if (indexes.length === 0) faults.add(`${pointer}/correct`, 'minItems')
    else if (new Set(indexes).size < indexes.length) faults.add(`${pointer}/correct`, 'uniqueItems')
    return { options, correct: ascending(indexes ?? []) }
  },
  keyOf: ({ correct = [] }, optionOrder) => ({
    options: ascending(correct.map((option) => optionOrder.indexOf(option))),
  }),
  answerOf: (fields, optionCount) => {
    const choices = choicesOf(fields, optionCount)
    return choices === undefined || choices.length === 0 ? undefined : { choices: ascending(choices) }
  },
  fieldsOf: ({ choices }) => ({ choices }),
  evaluator: (key) => {
    const options = optionsOf(key) ?? []
    const right = new Set(options)
    if (right.size === 0 || right.size !== options.length) return undefined
    return ({ choices }) => {
      let balance = 0
      for (const choice of new Set(choices)) balance += right.has(choice) ? 1 : -1
      return { numerator: Math.max(0, balance), denominator: right.size }
    }
  },
  correctOf: optionsOf,
  distribution: picksPerOption(),
} as const satisfies Kind<readonly number[]>
