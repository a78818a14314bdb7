import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { QuestionInput, QuizInput } from '#client'
import { createRandom } from '../client/testing/random.ts'
import { fromOpenTrivia, isOpenTrivia } from './open-trivia.ts'

/** Thrown with a sentence for the user. */
export class QuizFileError extends Error {
  override readonly name = 'QuizFileError'
}

export interface LoadedQuiz {
  readonly quiz: QuizInput
  /** Questions of the file that cannot be played. */
  readonly skipped: number
}

/**
 * Reads a quiz in our own form (the body of POST /v1/quizzes) or in that of the Open Trivia Database, and takes its first
 * `count` questions.
 * @throws QuizFileError
 */
export const loadQuiz = (path: string, count: number, seed: string): LoadedQuiz => {
  const document = parse(path)
  const { title, all } = isOpenTrivia(document)
    ? { title: basename(path), all: openTriviaQuestions(document.results, seed) }
    : ownQuestions(document, path)
  const playable = all.filter((question) => question !== undefined)
  if (playable.length === 0) throw new QuizFileError(`${path} has no question that can be played`)
  return { quiz: { title, questions: playable.slice(0, count) }, skipped: all.length - playable.length }
}

const parse = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new QuizFileError(`${path} cannot be read: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

const openTriviaQuestions = (results: readonly unknown[], seed: string): (QuestionInput | undefined)[] => {
  const random = createRandom(seed, 'options')
  return results.map((result) => fromOpenTrivia(result, random))
}

const ownQuestions = (document: unknown, path: string): { title: string; all: QuestionInput[] } => {
  const { title, questions } = (document ?? {}) as Partial<QuizInput>
  if (typeof title !== 'string' || !Array.isArray(questions)) {
    throw new QuizFileError(`${path} is neither {title, questions} nor a response of the Open Trivia Database`)
  }
  return { title, all: questions }
}
