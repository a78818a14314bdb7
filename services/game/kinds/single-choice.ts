import { FULL, type Kind, NONE } from './kind.ts'

/** One option is right, one is picked. */
export const singleChoice: Kind = {
  name: 'single_choice',
  read: ({ options = [] }) => {
    const [right] = options
    if (right === undefined || options.length !== 1) return undefined
    return ({ choices }) => (choices.length === 1 && choices[0] === right ? FULL : NONE)
  },
}
