import { hasMediaElsewhere } from '../../../game/media.ts'
import { checkQuestion, type Labels, MAX_QUESTIONS, type Question, type QuestionInput } from '../../../game/question.ts'

/** One question of a file in another format: what could be made of it, or why nothing could. */
export type Draft =
  | { readonly ok: true; readonly question: QuestionInput }
  | { readonly ok: false; readonly reason: string }

/** The questions of a file, or why it is none of its format: `pointer` says where in the request. */
export type Drafts =
  | { readonly ok: true; readonly drafts: readonly Draft[]; readonly head?: FileHead }
  | { readonly ok: false; readonly code: string; readonly pointer?: string; readonly detail?: string }

/** What a file says about the quiz itself. */
export interface FileHead extends Labels {
  readonly title?: string | undefined
}

/** Questions of a file, good or bad: each bad one is named in the response. */
export const MAX_DRAFTS = 5_000
/** Answers of a question that are worth reading; far fewer are allowed. */
export const MAX_ANSWERS = 100
/** Characters of a question's source that are worth reading: more than every part of a question may have together. */
export const MAX_SOURCE_LENGTH = 20_000

export const TOO_MANY: Drafts = { ok: false, code: 'maxItems' }

export const skip = (reason: string): Draft => ({ ok: false, reason })

export interface Assessed {
  readonly questions: readonly Question[]
  /** What was left out, by its place in the source, with a reason such as `essay` or `prompt-maxLength`. */
  readonly skipped: readonly { readonly index: number; readonly reason: string }[]
}

/** Keeps the questions that obey the rules of this system, and says why each other one was left out. */
export const assess = (drafts: readonly Draft[], mediaHosts: readonly string[] = []): Assessed => {
  const questions: Question[] = []
  const skipped: { readonly index: number; readonly reason: string }[] = []
  for (const [index, draft] of drafts.entries()) {
    const checked = draft.ok ? checkQuestion(draft.question) : undefined
    if (!draft.ok) skipped.push({ index, reason: draft.reason })
    else if (questions.length >= MAX_QUESTIONS) skipped.push({ index, reason: 'too-many-questions' })
    else if (checked?.ok === true && hasMediaElsewhere(checked.value, mediaHosts))
      skipped.push({ index, reason: 'media-host' })
    else if (checked?.ok === true) questions.push(checked.value)
    else skipped.push({ index, reason: reasonOf(checked?.ok === false ? checked.errors[0] : undefined) })
  }
  return { questions, skipped }
}

const reasonOf = (fault: { readonly pointer: string; readonly code: string } | undefined): string =>
  fault === undefined ? 'unusable' : `${fault.pointer.slice(1).replaceAll('/', '-')}-${fault.code}`
