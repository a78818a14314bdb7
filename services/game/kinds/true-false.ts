import { FULL, type Kind, NONE } from './kind.ts'

/** A statement is true (0) or false (1). */
export const trueFalse: Kind = {
  name: 'true_false',
  read: ({ options = [] }) => {
    const [right] = options
    if ((right !== 0 && right !== 1) || options.length !== 1) return undefined
    return ({ choices }) => (choices.length === 1 && choices[0] === right ? FULL : NONE)
  },
}
