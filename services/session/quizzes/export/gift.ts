import type { Quiz, StoredQuestion } from '../quiz-store.ts'
import { createLosses, type Losses, noteCommonLosses } from './losses.ts'

/** Moodle's GIFT, in plain text, so that nothing in a prompt is taken for markup; what it cannot hold stands at the top. */
export const exportGift = ({ title, language, tags = [], questions }: Quiz): string => {
  const losses = createLosses()
  if (tags.length > 0) losses.add('tags of the quiz')
  if (language !== undefined) losses.add('language of the quiz')
  const blocks = questions.flatMap((question, place) => {
    const answers = answersOf(question, place, losses)
    if (answers === undefined) return []
    noteLosses(question, place, losses)
    const feedback = question.explanation ? `\n####${escaped(question.explanation)}` : ''
    return [`[plain]${escaped(question.prompt)} {${answers}${feedback}\n}`]
  })
  const comments = ['A quiz of Podium', title, ...losses.lines()].map((line) => `// ${line.replace(/\s+/g, ' ')}`)
  return `${[comments.join('\n'), ...blocks].join('\n\n')}\n`
}

const noteLosses = (question: StoredQuestion, place: number, losses: Losses): void => {
  noteCommonLosses(question, place, losses)
  const { points, timeLimitSeconds, difficulty, media } = question
  if (points !== undefined) losses.add('points', place)
  if (timeLimitSeconds !== undefined) losses.add('time limits', place)
  if (difficulty !== undefined) losses.add('difficulties', place)
  if (media !== undefined) losses.add('media of questions', place)
}

/** What stands between the braces; undefined for a question that GIFT cannot hold. */
const answersOf = (question: StoredQuestion, place: number, losses: Losses): string | undefined => {
  const { kind, options, correct } = question
  switch (kind) {
    case 'single_choice':
      return lines(options.map((text, index) => `${index === correct ? '=' : '~'}${answer(text)}`))
    case 'multiple_choice': {
      const right = correct as readonly number[]
      // With the whole mark on one option it is a single choice, for Moodle as well.
      if (right.length === 1) losses.add('that several options may be chosen', place)
      const share = String(Number((100 / right.length).toFixed(5)))
      return lines(options.map((text, index) => `~%${right.includes(index) ? share : '-100'}%${answer(text)}`))
    }
    case 'true_false':
      return correct === true ? 'TRUE' : 'FALSE'
    case 'fill_blank': {
      const texts = correct as readonly string[]
      if (texts.every((text) => text.includes('->'))) {
        losses.add('questions whose accepted texts all have a ->', place)
        return undefined
      }
      return lines(texts.map((text) => `=${answer(text.replaceAll('*', '\u0000'))}`)).replaceAll('\u0000', '\\*')
    }
    case 'numeric': {
      const { value, tolerance } = correct as { readonly value: number; readonly tolerance: number }
      return `#${value}:${tolerance}`
    }
    case 'ordering':
    case 'poll':
      losses.add(`questions of the kind ${kind}`, place)
      return undefined
    default:
      return kind satisfies never
  }
}

const lines = (answers: readonly string[]): string => answers.map((each) => `\n${each}`).join('')

const escaped = (text: string): string => text.replace(/[~=#{}:\\]/g, '\\$&').replace(/\r\n|\r|\n/g, '\\n')

/** What would be taken for a format or a weight is kept from the beginning. */
const answer = (text: string): string => `${/^\s*[[%]/.test(text) ? '[plain]' : ''}${escaped(text)}`
