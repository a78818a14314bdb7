import { type AnswerContent, type Option, optionText, type Question } from '../src/index.ts'
import { below, chance, type Random, shuffled } from './random.ts'

/** What a question needs to be known of: its kind, its options and its key. */
export type Known = Without<Question, 'prompt' | 'timeLimitSeconds' | 'points' | 'explanation' | 'mediaUrl'>

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never

/** A text without what depends on the keyboard: case, spaces, kind of apostrophe. */
export const plain = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/[\u2018\u2019\u00b4`]/g, "'")
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim()

/**
 * The answer of a player who knows the key, or does not.
 * @param shown the options in the order in which the player sees them; only an `ordering` needs it
 */
export const contentFor = (
  question: Known,
  knows: boolean,
  random: Random,
  shown: readonly Option[] = optionsOf(question),
): AnswerContent => {
  switch (question.kind) {
    case 'single_choice':
    case 'true_false': {
      const right = question.kind === 'single_choice' ? question.correct : question.correct ? 0 : 1
      const options = optionCount(question)
      return { choice: knows ? right : (right + 1 + below(random, options - 1)) % options }
    }
    case 'multiple_choice':
      return { choices: knows ? question.correct : halfRight(question, question.correct, random) }
    case 'fill_blank': {
      const accepted = question.correct
      const text = accepted[below(random, accepted.length)] ?? ''
      return { text: knows ? typed(text, random) : mistaken(text, accepted, random) }
    }
    case 'ordering': {
      const texts = shown.map(optionText)
      const right = question.options.map((option) => texts.indexOf(optionText(option)))
      const swapped = below(random, Math.max(1, right.length - 1))
      return { choices: knows ? right : [...right.slice(0, swapped), ...right.slice(swapped).reverse()] }
    }
    case 'numeric': {
      const { value, tolerance } = question.correct
      return {
        number: knows ? value : value + (below(random, 2) === 0 ? 1 : -1) * (2 * tolerance + 1 + below(random, 9)),
      }
    }
    case 'poll':
      return { choice: below(random, optionCount(question)) }
    default:
      return question satisfies never
  }
}

/** An answer to the same question that is not this one. */
export const otherContent = (question: Known, content: AnswerContent): AnswerContent => {
  const options = optionCount(question)
  if ('choice' in content) return { choice: (content.choice + 1) % options }
  if ('number' in content) return { number: content.number + 1 }
  if ('text' in content) return { text: `${content.text.trim()}?` }
  const { choices } = content
  if (question.kind === 'ordering') return { choices: choices.toReversed() }
  return { choices: choices.length === options ? choices.slice(1) : everyOption(question).slice(0, choices.length + 1) }
}

const optionsOf = (question: Known): readonly Option[] => ('options' in question ? question.options : [])
const optionCount = (question: Known): number => optionsOf(question).length || 2
const everyOption = (question: Known): number[] => Array.from({ length: optionCount(question) }, (_, index) => index)

/** Misses one of the right options, or takes a wrong one too, or both: some credit, or none. */
const halfRight = (question: Known, key: readonly number[], random: Random): number[] => {
  const right = shuffled(random, key)
  const wrong = shuffled(
    random,
    everyOption(question).filter((option) => !right.includes(option)),
  )
  const missed = wrong.length === 0 || chance(random, 0.6)
  const taken = missed && chance(random, 0.5) ? 0 : 1
  const choices = [...(missed ? right.slice(1) : right), ...wrong.slice(0, taken)]
  return (choices.length > 0 ? choices : wrong.slice(0, 1)).toSorted((a, b) => a - b)
}

/** The right text as it is typed on phones. */
const typed = (text: string, random: Random): string => {
  const ways = [
    text,
    text.toUpperCase(),
    text.charAt(0).toUpperCase() + text.slice(1),
    ` ${text} `,
    text.replaceAll(' ', '  '),
    text.replaceAll("'", '\u2019'),
    text.replaceAll("'", '\u00b4'),
  ]
  return ways[below(random, ways.length)] ?? text
}

/** A typical mistake: a letter too many, too few, or two of them the other way round; or no idea. */
const mistaken = (text: string, accepted: readonly string[], random: Random): string => {
  const place = below(random, Math.max(1, text.length - 1))
  const swapped = text.slice(0, place) + (text[place + 1] ?? '') + (text[place] ?? '') + text.slice(place + 2)
  const tries = [
    `${text}s`,
    text.slice(0, -1),
    swapped,
    text.replaceAll("'", ''),
    text.slice(0, place + 1) + text.slice(place),
    'no idea',
  ]
  const right = new Set(accepted.map(plain))
  const wrong = tries.filter((attempt) => plain(attempt) !== '' && !right.has(plain(attempt)))
  return wrong[below(random, wrong.length)] ?? '?'
}
