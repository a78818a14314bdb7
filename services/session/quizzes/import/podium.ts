import type { Labels } from '../../../game/question.ts'
import { type Draft, type Drafts, MAX_ANSWERS, MAX_DRAFTS, MAX_SOURCE_LENGTH, skip, TOO_MANY } from './draft.ts'

/**
 * Our own format: `{format: "podium", version: 1, title, language?, tags?, questions}`, with questions as the API has them.
 * A member that is not known leaves its question out, rather than being lost in silence.
 */
export const parsePodium = (content: string): Drafts => {
  const file = read(content)
  if (file === undefined || file.format !== 'podium') return { ok: false, code: 'format' }
  if (file.version !== 1) return { ok: false, code: 'version', pointer: '/content/version' }
  const { questions, title, tags, language } = file
  if (!Array.isArray(questions)) return { ok: false, code: 'format' }
  if (questions.length > MAX_DRAFTS) return TOO_MANY
  const isSound = isOptional(title, isText) && isOptional(tags, isTexts) && isOptional(language, isText)
  if (!isSound) return { ok: false, code: 'format' }
  const head = { title, tags, language } as Labels & { readonly title?: string }
  return { ok: true, drafts: questions.map(draftOf), head }
}

type Members = Readonly<Record<string, unknown>>

const read = (content: string): Members | undefined => {
  try {
    const file: unknown = JSON.parse(content.replace(/^\ufeff/, ''))
    return isObject(file) ? file : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= MAX_SOURCE_LENGTH
const isNumber = (value: unknown): value is number => typeof value === 'number'
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length <= MAX_ANSWERS && value.every(isText)
const isOptional = (value: unknown, is: (value: unknown) => boolean): boolean => value === undefined || is(value)

const hasOnly = (value: Members, types: Readonly<Record<string, (value: unknown) => boolean>>): boolean =>
  Object.entries(value).every(([name, member]) => Object.hasOwn(types, name) && types[name]?.(member) === true)

const isMedia = (value: unknown): boolean =>
  isObject(value) &&
  hasOnly(value, { kind: isText, url: isText, alt: isText, durationMs: isNumber }) &&
  value.kind !== undefined &&
  value.url !== undefined

const isOption = (value: unknown): boolean =>
  isText(value) || (isObject(value) && hasOnly(value, { text: isText, media: isMedia }) && value.text !== undefined)

const isOptions = (value: unknown): boolean =>
  Array.isArray(value) && value.length <= MAX_ANSWERS && value.every(isOption)

/** `correct` is checked with its kind. */
const MEMBERS = {
  questionId: () => true,
  kind: isText,
  prompt: isText,
  options: isOptions,
  correct: () => true,
  points: isNumber,
  timeLimitSeconds: isNumber,
  difficulty: isText,
  explanation: isText,
  tags: isTexts,
  language: isText,
  media: isMedia,
  mediaUrl: isText,
}

interface Read extends Members {
  readonly kind: string
  readonly prompt: string
  readonly options?: readonly (string | { readonly text: string; readonly media?: { kind: string; url: string } })[]
}

const draftOf = (value: unknown): Draft => {
  if (!isObject(value) || !isText(value.kind) || !isText(value.prompt)) return skip('no-question')
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(MEMBERS, name))
  if (unknown !== undefined) return skip('unknown-member')
  if (!hasOnly(value, MEMBERS)) return skip('unreadable')
  const { questionId: _, options = [], ...question } = value as Read
  const media = options.flatMap((option, index) =>
    typeof option === 'string' || option.media === undefined ? [] : [[index, option.media] as const],
  )
  return {
    ok: true,
    question: {
      ...question,
      options: options.map((option) => (typeof option === 'string' ? option : option.text)),
      ...(media.length > 0 && { optionMedia: Object.fromEntries(media) }),
    },
  }
}
