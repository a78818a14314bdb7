import { checkOptions, choiceOf, isIndex, picksPerOption } from './choices.ts'
import { FULL, type Kind, NONE, optionsOf } from './kind.ts'

/** One option is right, one is chosen. */
export const singleChoice = {
  name: 'single_choice',
  isOneChoice: true,
  check: ({ options, correct }, pointer, faults) => {
    checkOptions(options, pointer, faults)
    if (isIndex(correct, options.length)) return { options, correct }
    faults.add(`${pointer}/correct`, typeof correct === 'number' ? 'maximum' : 'type')
    return { options }
  },
  keyOf: ({ correct }, optionOrder) => ({ options: [optionOrder.indexOf(correct ?? -1)] }),
  answerOf: choiceOf,
  fieldsOf: ({ choices }) => ({ choices }),
  evaluator: (key) => {
    const [right, ...others] = optionsOf(key) ?? []
    if (right === undefined || others.length > 0) return undefined
    return ({ choices }) => (choices.length === 1 && choices[0] === right ? FULL : NONE)
  },
  correctOf: (key) => optionsOf(key)?.[0],
  distribution: picksPerOption(),
} as const satisfies Kind<number>
