import { type Checked, createFaults, type Faults } from './field-error.ts'
import { TIME_LIMIT_SECONDS } from './session/settings.ts'
import { normaliseText } from './text.ts'

export const KINDS = ['single_choice', 'multiple_choice', 'true_false', 'fill_blank'] as const
export type Kind = (typeof KINDS)[number]

export const DIFFICULTIES = ['easy', 'medium', 'hard'] as const
export type Difficulty = (typeof DIFFICULTIES)[number]

interface QuestionBase {
  readonly prompt: string
  readonly points?: number | undefined
  readonly timeLimitSeconds?: number | undefined
  readonly difficulty?: Difficulty | undefined
  readonly explanation?: string | undefined
  readonly mediaUrl?: string | undefined
}

/** A question with its key: option index, list of indexes, boolean, or accepted texts, by kind. */
export type Question = QuestionBase &
  (
    | { readonly kind: 'single_choice'; readonly options: readonly string[]; readonly correct: number }
    | { readonly kind: 'multiple_choice'; readonly options: readonly string[]; readonly correct: readonly number[] }
    | { readonly kind: 'true_false'; readonly options: readonly []; readonly correct: boolean }
    | { readonly kind: 'fill_blank'; readonly options: readonly []; readonly correct: readonly string[] }
  )

/** A question as it was sent, not checked yet. */
export interface QuestionInput {
  readonly kind: string
  readonly prompt: string
  readonly options: readonly string[]
  readonly correct: unknown
  readonly points?: number | undefined
  readonly timeLimitSeconds?: number | undefined
  readonly difficulty?: string | undefined
  readonly explanation?: string | undefined
  readonly mediaUrl?: string | undefined
}

const MAX_OPTIONS = 10
const MAX_ACCEPTED_TEXTS = 20
const MAX_TEXT_LENGTH = 200
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
  const byKind = checkKind(input, pointer, faults)
  if (byKind === undefined || faults.errors.length > 0) return { ok: false, errors: faults.errors }
  const { prompt, points, timeLimitSeconds, explanation, mediaUrl } = input
  return { ok: true, value: { ...byKind, prompt, points, timeLimitSeconds, difficulty, explanation, mediaUrl } }
}

type KindPart = Question extends infer Q
  ? Q extends Question
    ? Pick<Q, 'kind' | 'options' | 'correct'>
    : never
  : never

const checkKind = (input: QuestionInput, pointer: string, faults: Faults): KindPart | undefined => {
  const { options, correct } = input
  const kind = KINDS.find((value) => value === input.kind)
  switch (kind) {
    case 'single_choice':
      checkOptions(options, pointer, faults)
      if (isOptionIndex(correct, options)) return { kind, options, correct }
      faults.add(`${pointer}/correct`, typeof correct === 'number' ? 'maximum' : 'type')
      return undefined
    case 'multiple_choice': {
      checkOptions(options, pointer, faults)
      const indexes = Array.isArray(correct) ? correct.filter((index) => isOptionIndex(index, options)) : undefined
      if (indexes === undefined) faults.add(`${pointer}/correct`, 'type')
      else if (indexes.length < (correct as unknown[]).length) faults.add(`${pointer}/correct`, 'maximum')
      else if (indexes.length === 0) faults.add(`${pointer}/correct`, 'minItems')
      else if (new Set(indexes).size < indexes.length) faults.add(`${pointer}/correct`, 'uniqueItems')
      return { kind, options, correct: (indexes ?? []).toSorted((a, b) => a - b) }
    }
    case 'true_false':
      if (options.length > 0) faults.add(`${pointer}/options`, 'maxItems')
      if (typeof correct === 'boolean') return { kind, options: [], correct }
      faults.add(`${pointer}/correct`, 'type')
      return undefined
    case 'fill_blank':
      if (options.length > 0) faults.add(`${pointer}/options`, 'maxItems')
      return { kind, options: [], correct: checkTexts(correct, pointer, faults) }
    case undefined:
      faults.add(`${pointer}/kind`, 'enum')
      return undefined
    default:
      return kind satisfies never
  }
}

const isOptionIndex = (value: unknown, options: readonly string[]): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < options.length

const checkOptions = (options: readonly string[], pointer: string, faults: Faults): void => {
  faults.count(`${pointer}/options`, options, 2, MAX_OPTIONS)
  for (const [index, option] of options.entries()) faults.text(`${pointer}/options/${index}`, option, 1, 300)
}

const checkTexts = (correct: unknown, pointer: string, faults: Faults): readonly string[] => {
  if (!Array.isArray(correct) || !correct.every((text) => typeof text === 'string')) {
    faults.add(`${pointer}/correct`, 'type')
    return []
  }
  faults.count(`${pointer}/correct`, correct, 1, MAX_ACCEPTED_TEXTS)
  for (const [index, text] of correct.entries()) {
    faults.text(`${pointer}/correct/${index}`, text, 1, MAX_TEXT_LENGTH)
    // Nothing that a player types could equal it.
    if (text.trim() !== '' && text.length <= MAX_TEXT_LENGTH && normaliseText(text) === '')
      faults.add(`${pointer}/correct/${index}`, 'pattern')
  }
  return correct
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
