import { checkOptions, choiceOf, picksPerOption } from './choices.ts'
import { type Kind, NONE } from './kind.ts'

/** A choice of which none is right: the reveal shows how many players chose what. */
export const poll = {
  name: 'poll',
  isOneChoice: true,
  isUnscored: true,
  check: ({ options, correct }, pointer, faults) => {
    checkOptions(options, pointer, faults)
    if (correct !== undefined) faults.add(`${pointer}/correct`, 'not')
    return { options }
  },
  keyOf: () => ({}),
  answerOf: choiceOf,
  fieldsOf: ({ choices }) => ({ choices }),
  evaluator: () => () => NONE,
  correctOf: () => undefined,
  distribution: picksPerOption(),
} as const satisfies Kind<never>
