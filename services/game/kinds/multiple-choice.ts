import type { Kind } from './kind.ts'

/**
 * Several options are right: (right picks − wrong picks) / right options, never below 0. Picking everything earns no more
 * than a guess would, an option picked twice counts once.
 */
export const multipleChoice: Kind = {
  name: 'multiple_choice',
  read: ({ options = [] }) => {
    const right = new Set(options)
    if (right.size === 0 || right.size !== options.length) return undefined
    return ({ choices }) => {
      let balance = 0
      for (const choice of new Set(choices)) balance += right.has(choice) ? 1 : -1
      return { numerator: Math.max(0, balance), denominator: right.size }
    }
  },
}
