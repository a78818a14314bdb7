import { decode as decodeEntities } from 'html-entities'
import { type Draft, type Drafts, MAX_ANSWERS, MAX_DRAFTS, MAX_SOURCE_LENGTH, skip, TOO_MANY } from './draft.ts'

/**
 * A response of the Open Trivia DB (https://opentdb.com/api_config.php): `{response_code, results: [{type, difficulty,
 * category, question, correct_answer, incorrect_answers}]}` in any of its encodings: HTML entities, which is the default,
 * `url3986`, `urlLegacy` or `base64`. The response does not say which; its texts do.
 */
export const parseOpenTdb = (content: string): Drafts => {
  const results = resultsOf(content.replace(/^\ufeff/, ''))
  if (results === undefined) return { ok: false, code: 'format' }
  if (results.length > MAX_DRAFTS) return TOO_MANY
  const decode = decoderOf(results)
  return { ok: true, drafts: results.map((result) => draftOf(result, decode)) }
}

const resultsOf = (content: string): readonly unknown[] | undefined => {
  try {
    const document: unknown = JSON.parse(content)
    if (typeof document !== 'object' || document === null || !('results' in document)) return undefined
    return Array.isArray(document.results) ? document.results : undefined
  } catch {
    return undefined
  }
}

/** The text that was encoded. @throws Error when it is none of this encoding */
type Decode = (text: string) => string

const fromBase64: Decode = (text) => {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new Error('no base64')
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'base64'))
}
const fromUrl: Decode = (text) => decodeURIComponent(text)
const fromLegacyUrl: Decode = (text) => decodeURIComponent(text.replaceAll('+', ' '))

/** The types as base64 writes them; every other encoding leaves them as they are. */
const TYPES_IN_BASE64 = ['multiple', 'boolean'].map((type) => Buffer.from(type).toString('base64'))

const decoderOf = (results: readonly unknown[]): Decode => {
  const texts: string[] = []
  for (const result of results) {
    if (typeof result !== 'object' || result === null) continue
    const { type, question } = result as Record<string, unknown>
    if (typeof type === 'string' && TYPES_IN_BASE64.includes(type)) return fromBase64
    if (typeof question === 'string' && question.length <= MAX_SOURCE_LENGTH) texts.push(question)
  }
  // An encoded text has no space and no sign but those that a URL may hold; no whole set of plain questions is like that.
  const isUrl = texts.length > 0 && texts.every((text) => /^(?:[\w.~!*'()+-]|%[0-9a-f]{2})*$/i.test(text))
  if (!isUrl || !texts.some((text) => text.includes('%'))) return (text) => decodeEntities(text)
  return texts.some((text) => text.includes('+')) ? fromLegacyUrl : fromUrl
}

const draftOf = (result: unknown, decode: Decode): Draft => {
  if (typeof result !== 'object' || result === null) return skip('no-question')
  const {
    type,
    question,
    difficulty,
    correct_answer: correct,
    incorrect_answers: wrong,
  } = result as Record<string, unknown>
  if (typeof question !== 'string' || typeof correct !== 'string' || !Array.isArray(wrong)) return skip('no-question')
  if (wrong.length > MAX_ANSWERS) return skip('options-maxItems')
  const texts = [question, correct, ...wrong]
  if (!texts.every((text) => typeof text === 'string')) return skip('no-question')
  if (texts.some((text) => text.length > MAX_SOURCE_LENGTH)) return skip('too-long')
  const level = typeof difficulty === 'string' && difficulty !== '' ? difficulty : undefined
  try {
    return decodedDraft({
      type: typeof type === 'string' && decode === fromBase64 ? decode(type) : type,
      prompt: decode(question).trim(),
      difficulty: level !== undefined && decode === fromBase64 ? decode(level) : level,
      right: decode(correct).trim(),
      wrong: wrong.map((answer: string) => decode(answer).trim()),
    })
  } catch {
    return skip('encoding')
  }
}

const MAX_OPTION_LENGTH = 1_000

const decodedDraft = (source: {
  readonly type: unknown
  readonly prompt: string
  readonly difficulty: string | undefined
  readonly right: string
  readonly wrong: readonly string[]
}): Draft => {
  const { type, prompt, difficulty, right, wrong } = source
  if (type === 'boolean') {
    if (!/^(true|false)$/i.test(right)) return skip('no-right-answer')
    const correct = /^true$/i.test(right)
    return { ok: true, question: { prompt, difficulty, kind: 'true_false', options: [], correct } }
  }
  if (type !== 'multiple') return skip('unknown-type')
  if ([right, ...wrong].some(({ length }) => length > MAX_OPTION_LENGTH)) return skip('options-maxLength')
  // The source always has the right answer first; in the order of the alphabet it is anywhere.
  const options = [right, ...wrong].toSorted(ALPHABET.compare)
  if (new Set(options).size < options.length) return skip('duplicate-answers')
  return { ok: true, question: { prompt, difficulty, kind: 'single_choice', options, correct: options.indexOf(right) } }
}

const ALPHABET = new Intl.Collator('en', { numeric: true })
