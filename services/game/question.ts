import { type Checked, createFaults, type Faults } from './field-error.ts'
import type { QuestionContent } from './kinds/kind.ts'
import { findKind, isKindName, type KindName } from './kinds/kinds.ts'
import { checkMedia, checkQuestionMedia, type Media, type MediaInput } from './media.ts'
import { TIME_LIMIT_SECONDS } from './session/settings.ts'

export const DIFFICULTIES = ['easy', 'medium', 'hard'] as const
export type Difficulty = (typeof DIFFICULTIES)[number]

/** What a quiz or a question can be found by. */
export interface Labels {
  readonly tags?: readonly string[] | undefined
  /** BCP 47. */
  readonly language?: string | undefined
}

interface QuestionBase extends Labels {
  readonly prompt: string
  readonly points?: number | undefined
  readonly timeLimitSeconds?: number | undefined
  readonly explanation?: string | undefined
}

/** By the index of the option. */
export type OptionMedia<M = Media> = Readonly<Record<number, M>>

/** A question with its key, in the form of its kind. */
export interface Question extends QuestionBase, QuestionContent {
  readonly kind: KindName
  readonly difficulty?: Difficulty | undefined
  readonly media?: Media | undefined
  readonly optionMedia?: OptionMedia | undefined
}

/** A question as it was sent, not checked yet. */
export interface QuestionInput extends QuestionBase, QuestionContent {
  readonly kind: string
  readonly difficulty?: string | undefined
  readonly media?: MediaInput | undefined
  /** The short form of `media`. */
  readonly mediaUrl?: string | undefined
  readonly optionMedia?: OptionMedia<MediaInput> | undefined
}

export const MAX_QUESTIONS = 1_000
const MAX_TAGS = 20
const MAX_TAG_LENGTH = 50
/** RFC 5646, as far as its form goes. */
const LANGUAGE = /^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,7}$/

export const checkLabels = ({ tags = [], language }: Labels, pointer: string, faults: Faults): void => {
  faults.count(`${pointer}/tags`, tags, 0, MAX_TAGS)
  for (const [index, tag] of tags.slice(0, MAX_TAGS).entries()) {
    faults.text(`${pointer}/tags/${index}`, tag, 1, MAX_TAG_LENGTH)
  }
  if (new Set(tags).size < tags.length) faults.add(`${pointer}/tags`, 'uniqueItems')
  if (language !== undefined && !LANGUAGE.test(language)) faults.add(`${pointer}/language`, 'pattern')
}

const checkOptionMedia = (
  { options, optionMedia }: Pick<QuestionInput, 'options' | 'optionMedia'>,
  pointer: string,
  faults: Faults,
): OptionMedia | undefined => {
  if (optionMedia === undefined) return undefined
  const checked = Object.entries(optionMedia).map(([index, media]) => {
    const place = `${pointer}/options/${index}/media`
    if (Number(index) >= options.length) faults.add(place, 'not')
    return [index, checkMedia(media, place, faults)] as const
  })
  return Object.fromEntries(checked.flatMap(([index, media]) => (media === undefined ? [] : [[index, media]])))
}

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
  checkLabels(input, pointer, faults)
  const media = checkQuestionMedia(input, pointer, faults)
  const optionMedia = checkOptionMedia(input, pointer, faults)
  const { kind, prompt, points, timeLimitSeconds, explanation, tags, language } = input
  const content = findKind(kind)?.check(input, pointer, faults)
  if (content === undefined) faults.add(`${pointer}/kind`, 'enum')
  if (!isKindName(kind) || content === undefined || faults.errors.length > 0)
    return { ok: false, errors: faults.errors }
  return {
    ok: true,
    value: {
      ...content,
      kind,
      prompt,
      points,
      timeLimitSeconds,
      difficulty,
      explanation,
      tags,
      language,
      media,
      optionMedia,
    },
  }
}

/** What a quiz holds. */
export interface QuizContent<Each = Question> extends Labels {
  readonly title: string
  readonly questions: readonly Each[]
}

/** A whole quiz, or every fault. */
export const checkQuiz = (input: QuizContent<QuestionInput>): Checked<QuizContent> => {
  const { title, tags, language, questions } = input
  const faults = createFaults()
  faults.text('/title', title, 1, 200)
  checkLabels(input, '', faults)
  faults.count('/questions', questions, 1, MAX_QUESTIONS)
  const checked = questions
    .slice(0, MAX_QUESTIONS)
    .map((question, index) => checkQuestion(question, `/questions/${index}`))
  const errors = [...faults.errors, ...checked.flatMap((result) => (result.ok ? [] : result.errors))]
  if (errors.length > 0) return { ok: false, errors }
  const valid = checked.flatMap((result) => (result.ok ? [result.value] : []))
  return { ok: true, value: { title, tags, language, questions: valid } }
}
