import { decode } from 'html-entities'
import type { QuestionInput } from '#client'
import { below, type Random } from '../client/testing/random.ts'

/** A response of the Open Trivia Database: https://opentdb.com/api_config.php, with its default (HTML) encoding. */
export interface OpenTriviaResponse {
  readonly results: readonly unknown[]
}

export const isOpenTrivia = (document: unknown): document is OpenTriviaResponse =>
  typeof document === 'object' && document !== null && 'results' in document && Array.isArray(document.results)

interface Result {
  readonly type: 'multiple' | 'boolean'
  readonly difficulty?: string
  readonly question: string
  readonly correct_answer: string
  readonly incorrect_answers: readonly string[]
}

const isResult = (value: unknown): value is Result => {
  const result = value as Partial<Result> | null
  return (
    typeof result === 'object' &&
    result !== null &&
    (result.type === 'multiple' || result.type === 'boolean') &&
    typeof result.question === 'string' &&
    typeof result.correct_answer === 'string' &&
    Array.isArray(result.incorrect_answers) &&
    result.incorrect_answers.every((answer) => typeof answer === 'string')
  )
}

const plain = (html: string): string => decode(html).replace(/\s+/g, ' ').trim()

const DIFFICULTIES = ['easy', 'medium', 'hard'] as const

/** The limits of the API that a foreign question may exceed. */
const fits = ({ prompt, options = [] }: QuestionInput): boolean =>
  prompt.length > 0 &&
  prompt.length <= 1_000 &&
  options.length <= 10 &&
  options.length !== 1 &&
  options.every((option) => option.length > 0 && option.length <= 300) &&
  new Set(options).size === options.length

/** One question of ours; undefined for what cannot be used. The place of the correct option is random. */
export const fromOpenTrivia = (value: unknown, random: Random): QuestionInput | undefined => {
  if (!isResult(value)) return undefined
  const difficulty = DIFFICULTIES.find((level) => level === value.difficulty)
  const common = { prompt: plain(value.question), ...(difficulty !== undefined && { difficulty }) }
  if (value.type === 'boolean') {
    const correct = plain(value.correct_answer).toLowerCase()
    if (correct !== 'true' && correct !== 'false') return undefined
    const question = { ...common, kind: 'true_false', correct: correct === 'true' } as const
    return fits(question) ? question : undefined
  }
  const wrong = value.incorrect_answers.map(plain)
  const place = below(random, wrong.length + 1)
  const question = {
    ...common,
    kind: 'single_choice',
    options: wrong.toSpliced(place, 0, plain(value.correct_answer)),
    correct: place,
  } as const
  return wrong.length > 0 && fits(question) ? question : undefined
}
