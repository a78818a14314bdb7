import { type Draft, type Drafts, MAX_ANSWERS, MAX_DRAFTS, MAX_SOURCE_LENGTH, skip, TOO_MANY } from './draft.ts'
import { type PlainText, plainText, type TextFormat } from './html-text.ts'

/** What Moodle puts where a word of the sentence is missing. */
const GAP = '_____'

/**
 * Moodle's GIFT (https://docs.moodle.org/en/GIFT_format): questions between empty lines, answers in braces. Single and
 * multiple choice, true/false, short answers, missing words and numbers become questions; essays and matching are
 * skipped, and so is everything that would come out different from what it is in Moodle. Titles, categories, comments and
 * the feedback to single answers are left out; general feedback becomes the explanation.
 */
export const parseGift = (content: string): Drafts => {
  const lines = content.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)
  const kept = lines.filter((line) => !/^\s*(\/\/|\$CATEGORY:)/i.test(line))
  const blocks = kept
    .join('\n')
    .split(/\n[^\S\n]*(?:\n[^\S\n]*)+/)
    .map((block) => block.trim())
    .filter((block) => block !== '')
  if (blocks.length > MAX_DRAFTS) return TOO_MANY
  return { ok: true, drafts: blocks.map(draftOrReason) }
}

/** Libraries that read markup throw at what is nested too deep; that costs one question, not the file. */
const draftOrReason = (block: string): Draft => {
  try {
    return draftOf(block)
  } catch {
    return skip('unreadable')
  }
}

/** Escaped characters stand aside, as private ones, while the marks are read. */
const ASIDE = 0xf0000
const putAside = (text: string): string =>
  text.replace(/\\([~=#{}:\\])/g, (_, character: string) => String.fromCodePoint(ASIDE + character.charCodeAt(0)))
const putBack = (text: string): string =>
  text
    .replace(/\\n/g, '\n')
    .replace(/[\u{f0000}-\u{f007f}]/gu, (character) => String.fromCharCode((character.codePointAt(0) ?? ASIDE) - ASIDE))

/** A text may begin with its format in brackets; without one it is in that of its question. */
const formatted = (text: string, inherited: TextFormat): { readonly format: TextFormat; readonly source: string } => {
  const [mark, name] = /^\s*\[(html|moodle|plain|markdown)\]/i.exec(text) ?? []
  if (mark === undefined || name === undefined) return { format: inherited, source: text }
  return { format: name.toLowerCase() as TextFormat, source: text.slice(mark.length) }
}

const shown = (text: string, inherited: TextFormat): PlainText => {
  const { format, source } = formatted(text, inherited)
  return plainText(putBack(source), format)
}

interface Base {
  readonly prompt: string
  readonly explanation: string | undefined
  readonly mediaUrl: string | undefined
}

const draftOf = (block: string): Draft => {
  if (block.length > MAX_SOURCE_LENGTH) return skip('too-long')
  const untitled = putAside(block)
    .replace(/^::.*?::/s, '')
    .trimStart()
  const { format, source } = formatted(untitled, 'moodle')
  const open = source.indexOf('{')
  const close = source.indexOf('}', open)
  if (open === -1 || close === -1) return skip('no-answers')
  const [before, after] = [source.slice(0, open), source.slice(close + 1)]
  if (/[{}]/.test(before + after)) return skip('several-answer-blocks')
  // A block at the end is no missing word, and neither is one that only closing tags follow.
  const hasGap = plainText(putBack(after), format).text !== ''
  const prompt = plainText(putBack(hasGap ? `${before}${GAP}${after}` : `${before}${after}`), format)

  const inside = source.slice(open + 1, close)
  const feedbackAt = inside.indexOf('####')
  const explanation = feedbackAt === -1 ? undefined : shown(inside.slice(feedbackAt + 4), format)
  const [mediaUrl, ...others] = [...prompt.media, ...(explanation?.media ?? [])]
  if (others.length > 0 || (mediaUrl !== undefined && !/^https?:\/\//.test(mediaUrl))) return skip('media-missing')

  const base: Base = { prompt: prompt.text, explanation: explanation?.text || undefined, mediaUrl }
  return withAnswers(base, (feedbackAt === -1 ? inside : inside.slice(0, feedbackAt)).trim(), format)
}

const withAnswers = (base: Base, text: string, format: TextFormat): Draft => {
  if (text === '') return skip('essay')
  const [, truth] = /^(t|true|f|false)\s*(?:#.*)?$/is.exec(text) ?? []
  if (truth !== undefined) {
    return { ok: true, question: { ...base, kind: 'true_false', options: [], correct: /^t/i.test(truth) } }
  }
  if (text.startsWith('#')) return numberDraft(base, text.slice(1).trim())
  if (text[0] !== '=' && text[0] !== '~') return skip('unreadable')
  if ((text.match(/[=~]/g)?.length ?? 0) > MAX_ANSWERS) return skip('unreadable')
  const raw = [...text.matchAll(/([=~])([^=~]*)/g)].map(([, mark, body]) =>
    answerOf(mark === '=' ? '=' : '~', body ?? ''),
  )
  if (raw.every(({ mark, text }) => mark === '=' && text.includes('->'))) return skip('matching')
  return choicesOrTexts(base, raw, format)
}

/** One of the answers between the braces. */
interface Answer {
  /** `=` right, `~` wrong unless it has a weight. */
  readonly mark: '=' | '~'
  /** Percent of the mark that the answer is worth, where it says so. */
  readonly weight: number | undefined
  readonly text: string
}

const answerOf = (mark: '=' | '~', body: string): Answer => {
  const [, weight, rest] = /^\s*(?:%(-?\d+(?:\.\d+)?)%)?(.*)$/s.exec(body) ?? []
  // What follows a # is the feedback to players who pick this answer.
  const [text = ''] = (rest ?? '').split('#')
  return { mark, weight: weight === undefined ? undefined : Number(weight), text: text.trim() }
}

const isFull = ({ weight }: Answer): boolean => weight === undefined || weight === 100
/** Moodle rounds a third to 33.33333 percent. */
const isSameWeight = (a: number, b: number): boolean => Math.abs(a - b) < 0.01

const choicesOrTexts = (base: Base, raw: readonly Answer[], format: TextFormat): Draft => {
  const plain = raw.map((answer) => ({ ...answer, ...shown(answer.text, format) }))
  if (plain.some(({ media }) => media.length > 0)) return skip('media-missing')
  if (raw.every(({ mark }) => mark === '=')) {
    // Answers worth a part of the mark are no accepted ones.
    const full = plain.filter(isFull)
    if (full.length === 0) return skip('no-right-answer')
    // A `*` stands for any characters there, `\*` is the asterisk.
    if (full.some(({ text }) => /(?<!\\)\*/.test(text))) return skip('wildcard')
    const texts = full.map(({ text }) => text.replaceAll('\\*', '*'))
    return { ok: true, question: { ...base, kind: 'fill_blank', options: [], correct: texts } }
  }
  const options = plain.map(({ text }) => text)
  const right = plain.flatMap(({ mark, weight }, index) =>
    (weight === undefined ? mark === '=' : weight > 0) ? [index] : [],
  )
  const [first] = right
  if (first === undefined) return skip('no-right-answer')
  const weights = right.map((index) => plain[index]?.weight)
  if (right.length === 1 && (weights[0] === undefined || weights[0] === 100)) {
    return { ok: true, question: { ...base, kind: 'single_choice', options, correct: first } }
  }
  // Several answers of which any one is right: none of our kinds of choice means that.
  if (right.some((index) => plain[index]?.mark === '=')) return skip('several-right-answers')
  if (weights.some((weight) => !isSameWeight(weight ?? 0, weights[0] ?? 0))) return skip('unequal-weights')
  return { ok: true, question: { ...base, kind: 'multiple_choice', options, correct: right } }
}

/** `3.14:0.01`, `1..5`, or several of them with weights, of which one has the full mark. */
const numberDraft = (base: Base, text: string): Draft => {
  const answers = text.startsWith('=')
    ? [...text.matchAll(/=([^=]*)/g)].map(([, body]) => answerOf('=', body ?? ''))
    : [answerOf('=', text)]
  const full = answers.filter(isFull)
  const [only] = full
  if (only === undefined) return skip('no-right-answer')
  if (full.length > 1) return skip('several-right-answers')
  const number = '[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?'
  const [, from, to] = new RegExp(`^(${number})\\s*\\.\\.\\s*(${number})$`, 'i').exec(only.text) ?? []
  const [, value, tolerance] = new RegExp(`^(${number})(?:\\s*:\\s*(${number}))?$`, 'i').exec(only.text) ?? []
  const key =
    from !== undefined && to !== undefined
      ? { value: (Number(from) + Number(to)) / 2, tolerance: Math.abs(Number(to) - Number(from)) / 2 }
      : { value: Number(value), tolerance: Number(tolerance ?? 0) }
  if (!Number.isFinite(key.value) || !Number.isFinite(key.tolerance)) return skip('unreadable')
  return { ok: true, question: { ...base, kind: 'numeric', options: [], correct: key } }
}
