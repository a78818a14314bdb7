import type { Faults } from '../field-error.ts'
import { readingOf } from '../text.ts'
import type { AnswerContent, AnswerFields, Distribution } from './kind.ts'

/** What kinds with options have in common. */

const MAX_OPTIONS = 10
const MAX_OPTION_LENGTH = 300

export const checkOptions = (options: readonly string[], pointer: string, faults: Faults): void => {
  faults.count(`${pointer}/options`, options, 2, MAX_OPTIONS)
  const before = faults.errors.length
  for (const [index, option] of options.entries()) {
    faults.text(`${pointer}/options/${index}`, option, 1, MAX_OPTION_LENGTH)
  }
  if (options.length > MAX_OPTIONS || faults.errors.length > before) return
  // One of them would be right and the other wrong, for no reason that a player can see.
  const readings = options.map(readingOf)
  const duplicate = readings.findIndex((reading, index) => readings.indexOf(reading) < index)
  if (duplicate !== -1) faults.add(`${pointer}/options/${duplicate}`, 'duplicate-options')
}

export const checkNoOptions = (options: readonly string[], pointer: string, faults: Faults): void => {
  if (options.length > 0) faults.add(`${pointer}/options`, 'maxItems')
}

export const isIndex = (value: unknown, count: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < count

/** An answer that is one of `count` options. */
export const choiceOf = ({ choice, choices, text, number }: AnswerFields, count: number): AnswerContent | undefined =>
  choices === undefined && text === undefined && number === undefined && isIndex(choice, count)
    ? { choices: [choice] }
    : undefined

/** Options that exist, each at most once, in the order given; undefined for other fields. */
export const choicesOf = (
  { choice, choices, text, number }: AnswerFields,
  count: number,
): readonly number[] | undefined =>
  choices !== undefined &&
  choice === undefined &&
  text === undefined &&
  number === undefined &&
  choices.every((index) => isIndex(index, count)) &&
  new Set(choices).size === choices.length
    ? choices
    : undefined

/** How often each option was chosen; `options` when the question does not hold them. */
export const picksPerOption = (options?: number): Distribution => ({
  of: 'options',
  count: (answers, optionOrder) => {
    const counts = Array.from({ length: options ?? optionOrder.length }, () => 0)
    for (const { choices, count } of answers) {
      for (const choice of choices) if (choice < counts.length) counts[choice] = (counts[choice] ?? 0) + count
    }
    return counts
  },
})
