import type { CreateQuizRequest, Key, Kind, NumericKey, Options, Question } from '#client'
import { textOf } from '../shared/question.tsx'

/** A question while it is edited: the fields of every kind, so that changing the kind loses nothing. */
export interface Draft {
  /** Of this page, for React. */
  readonly id: string
  readonly kind: Kind
  readonly prompt: string
  readonly options: readonly string[]
  readonly right: readonly number[]
  readonly isTrue: boolean
  readonly accepted: string
  readonly value: string
  readonly tolerance: string
  readonly explanation: string
  readonly timeLimitSeconds: string
  readonly points: string
  readonly mediaUrl: string
  /** As it was read: what this page does not edit stays. */
  readonly rest: Readonly<Record<string, unknown>>
}

export const newDraft = (): Draft => ({
  id: crypto.randomUUID(),
  kind: 'single_choice',
  prompt: '',
  options: ['', ''],
  right: [0],
  isTrue: true,
  accepted: '',
  value: '',
  tolerance: '0',
  explanation: '',
  timeLimitSeconds: '',
  points: '',
  mediaUrl: '',
  rest: {},
})

/** The members of all kinds. */
type AnyQuestion = Question & { readonly options?: Options; readonly correct?: Key }

export const draftOf = (question: Question): Draft => {
  const { kind, prompt, options, correct, explanation, timeLimitSeconds, points, mediaUrl, ...rest } =
    question as AnyQuestion
  const { questionId: _, ...kept } = rest as Record<string, unknown>
  const numeric = kind === 'numeric' ? (correct as NumericKey) : undefined
  return {
    ...newDraft(),
    kind,
    prompt,
    ...(options !== undefined && { options: options.map(textOf) }),
    ...(typeof correct === 'number' && { right: [correct] }),
    ...(kind === 'multiple_choice' && { right: correct as readonly number[] }),
    ...(typeof correct === 'boolean' && { isTrue: correct }),
    ...(kind === 'fill_blank' && { accepted: (correct as readonly string[]).join('\n') }),
    ...(numeric !== undefined && { value: String(numeric.value), tolerance: String(numeric.tolerance) }),
    explanation: explanation ?? '',
    timeLimitSeconds: timeLimitSeconds === undefined ? '' : String(timeLimitSeconds),
    points: points === undefined ? '' : String(points),
    mediaUrl: mediaUrl ?? '',
    rest: { ...kept, ...(options?.some((option) => typeof option !== 'string') && { options }) },
  }
}

export const hasOptions = (kind: Kind): boolean =>
  kind === 'single_choice' || kind === 'multiple_choice' || kind === 'ordering' || kind === 'poll'

const keyOf = (draft: Draft): { readonly correct?: Key } => {
  switch (draft.kind) {
    case 'single_choice':
      return { correct: draft.right[0] ?? 0 }
    case 'multiple_choice':
      return { correct: [...draft.right].sort((a, b) => a - b) }
    case 'true_false':
      return { correct: draft.isTrue }
    case 'fill_blank':
      return { correct: lines(draft.accepted) }
    case 'numeric':
      return { correct: { value: Number(draft.value), tolerance: Number(draft.tolerance) } }
    case 'ordering':
    case 'poll':
      return {}
    default:
      return draft.kind satisfies never
  }
}

const lines = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** The server checks it; this page only leaves out what is empty. */
const questionOf = (draft: Draft): Question => {
  const { rest, mediaUrl } = draft
  const { options: before, media, ...kept } = rest as Record<string, unknown>
  // An option keeps its picture while its text is the same.
  const known = new Map((Array.isArray(before) ? before : []).map((option) => [textOf(option), option]))
  const options = draft.options.map((text) => known.get(text.trim()) ?? text.trim())
  const isSameMedia = (media as { url?: string } | undefined)?.url === mediaUrl
  return {
    ...kept,
    ...(isSameMedia && media !== undefined && { media }),
    kind: draft.kind,
    prompt: draft.prompt.trim(),
    ...(hasOptions(draft.kind) && { options }),
    ...keyOf(draft),
    ...(draft.explanation.trim() !== '' && { explanation: draft.explanation.trim() }),
    ...(draft.timeLimitSeconds !== '' && { timeLimitSeconds: Number(draft.timeLimitSeconds) }),
    ...(draft.points !== '' && draft.kind !== 'poll' && { points: Number(draft.points) }),
    ...(mediaUrl.trim() !== '' && { mediaUrl: mediaUrl.trim() }),
  } as Question
}

export const quizOf = (
  title: string,
  drafts: readonly Draft[],
  rest: Readonly<Record<string, unknown>>,
): CreateQuizRequest => ({ ...rest, title: title.trim(), questions: drafts.map(questionOf) }) as CreateQuizRequest
