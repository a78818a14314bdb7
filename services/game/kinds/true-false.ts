import { checkNoOptions, choiceOf, picksPerOption } from './choices.ts'
import { FULL, type Kind, NONE, optionsOf } from './kind.ts'

/** A statement is true (0) or false (1). */
export const trueFalse = {
  name: 'true_false',
  isOneChoice: true,
  check: ({ options, correct }, pointer, faults) => {
    checkNoOptions(options, pointer, faults)
    if (typeof correct === 'boolean') return { options: [], correct }
    faults.add(`${pointer}/correct`, 'type')
    return { options: [] }
  },
  keyOf: ({ correct }) => ({ options: [correct === true ? 0 : 1] }),
  answerOf: (fields) => choiceOf(fields, 2),
  fieldsOf: ({ choices }) => ({ choices }),
  evaluator: (key) => {
    const [right, ...others] = optionsOf(key) ?? []
    if ((right !== 0 && right !== 1) || others.length > 0) return undefined
    return ({ choices }) => (choices.length === 1 && choices[0] === right ? FULL : NONE)
  },
  correctOf: (key) => optionsOf(key)?.[0] === 0,
  distribution: picksPerOption(2),
} as const satisfies Kind<boolean>
