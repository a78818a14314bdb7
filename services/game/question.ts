import { type Checked, createFaults } from './field-error.ts'
import type { QuestionContent } from './kinds/kind.ts'
import { findKind, isKindName, type KindName } from './kinds/kinds.ts'
import { TIME_LIMIT_SECONDS } from './session/settings.ts'

export const DIFFICULTIES = ['easy', 'medium', 'hard'] as const
export type Difficulty = (typeof DIFFICULTIES)[number]

interface QuestionBase {
  readonly prompt: string
  readonly points?: number | undefined
  readonly timeLimitSeconds?: number | undefined
  readonly explanation?: string | undefined
  readonly mediaUrl?: string | undefined
}

/** A question with its key, in the form of its kind. */
export interface Question extends QuestionBase, QuestionContent {
  readonly kind: KindName
  readonly difficulty?: Difficulty | undefined
}

/** A question as it was sent, not checked yet. */
export interface QuestionInput extends QuestionBase, QuestionContent {
  readonly kind: string
  readonly difficulty?: string | undefined
}

export const MAX_QUESTIONS = 1_000

/** Checks one question; `pointer` is where it stands in the request. */
export const checkQuestion = (input: QuestionInput, pointer = ''): Checked<Question> => {
  const faults = createFaults()
  faults.text(`${pointer}/prompt`, input.prompt, 1, 1_000)
  if (input.points !== undefined) faults.integer(`${pointer}/points`, input.points, 0, 10_000)
  if (input.timeLimitSeconds !== undefined) {
    const { min, max } = TIME_LIMIT_SECONDS
    faults.integer(`${pointer}/timeLimitSeconds`, input.timeLimitSeconds, min, max)
  }
  const difficulty = DIFFICULTIES.find((value) => value === input.difficulty)
  if (input.difficulty !== undefined && difficulty === undefined) faults.add(`${pointer}/difficulty`, 'enum')
  if (input.explanation !== undefined) faults.text(`${pointer}/explanation`, input.explanation, 0, 2_000)
  if (input.mediaUrl !== undefined) {
    faults.text(`${pointer}/mediaUrl`, input.mediaUrl, 1, 2_000)
    if (!/^https?:\/\/\S+$/.test(input.mediaUrl)) faults.add(`${pointer}/mediaUrl`, 'pattern')
  }
  const { kind, prompt, points, timeLimitSeconds, explanation, mediaUrl } = input
  const content = findKind(kind)?.check(input, pointer, faults)
  if (content === undefined) faults.add(`${pointer}/kind`, 'enum')
  if (!isKindName(kind) || content === undefined || faults.errors.length > 0)
    return { ok: false, errors: faults.errors }
  return {
    ok: true,
    value: { ...content, kind, prompt, points, timeLimitSeconds, difficulty, explanation, mediaUrl },
  }
}

/** A whole quiz: its title and every question, or every fault. */
export const checkQuiz = (
  title: string,
  questions: readonly QuestionInput[],
): Checked<{ readonly title: string; readonly questions: readonly Question[] }> => {
  const faults = createFaults()
  faults.text('/title', title, 1, 200)
  faults.count('/questions', questions, 1, MAX_QUESTIONS)
  const checked = questions
    .slice(0, MAX_QUESTIONS)
    .map((question, index) => checkQuestion(question, `/questions/${index}`))
  const errors = [...faults.errors, ...checked.flatMap((result) => (result.ok ? [] : result.errors))]
  if (errors.length > 0) return { ok: false, errors }
  return { ok: true, value: { title, questions: checked.flatMap((result) => (result.ok ? [result.value] : [])) } }
}
