import { type DecodeEntities, type Draft, type Drafts, MAX_DRAFTS, skip, TOO_MANY } from './draft.ts'
import { type GiftAnswer, parseGiftAnswers } from './gift-answers.ts'

/** Where a word of the sentence is missing. */
const BLANK = '_____'

/**
 * Moodle's GIFT (https://docs.moodle.org/en/GIFT_format): questions between empty lines, answers in braces. Single and
 * multiple choice, true/false, short answers and missing words become questions; essays, numbers and matching are
 * skipped. Titles, categories, comments and the feedback to single answers are left out; general feedback becomes the
 * explanation.
 */
export const parseGift = (content: string, decode: DecodeEntities): Drafts => {
  const lines = content.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)
  const kept = lines.filter((line) => !/^\s*(\/\/|\$CATEGORY:)/i.test(line))
  const blocks = kept
    .join('\n')
    .split(/\n[^\S\n]*(?:\n[^\S\n]*)+/)
    .map((block) => block.trim())
    .filter((block) => block !== '')
  if (blocks.length > MAX_DRAFTS) return TOO_MANY
  return { ok: true, drafts: blocks.map((block) => draftOf(block, decode)) }
}

/** Escaped characters stand aside, as private ones, while the marks are read. */
const ASIDE = 0xf0000
const putAside = (text: string): string =>
  text.replace(/\\([~=#{}:\\])/g, (_, character: string) => String.fromCodePoint(ASIDE + character.charCodeAt(0)))
const putBack = (text: string): string =>
  text
    .replace(/\\n/g, '\n')
    .replace(/[\u{f0000}-\u{f007f}]/gu, (character) => String.fromCharCode((character.codePointAt(0) ?? ASIDE) - ASIDE))

const draftOf = (block: string, decode: DecodeEntities): Draft => {
  const untitled = putAside(block)
    .replace(/^::.*?::/s, '')
    .trimStart()
  const format = /^\[(html|moodle|plain|markdown)\]/i.exec(untitled)
  const source = format === null ? untitled : untitled.slice(format[0].length)
  const open = source.indexOf('{')
  const close = source.lastIndexOf('}')
  if (open === -1 || close < open) return skip('no-answers')
  const html = format?.[1]?.toLowerCase() === 'html'
  const plain = (text: string): string => {
    const whole = putBack(text)
    return (html ? decode(whole.replace(/<[^<>]*>/g, ' ').replace(/\s+/g, ' ')) : whole).trim()
  }
  const [before, after] = [source.slice(0, open).trim(), source.slice(close + 1).trim()]
  const prompt = plain(after === '' ? before : `${before} ${BLANK} ${after}`)
  const inside = source.slice(open + 1, close)
  const feedbackAt = inside.indexOf('####')
  const explanation = feedbackAt === -1 ? undefined : plain(inside.slice(feedbackAt + 4)) || undefined
  const base = { prompt, explanation }

  const parsed = parseGiftAnswers((feedbackAt === -1 ? inside : inside.slice(0, feedbackAt)).trim())
  switch (parsed.type) {
    case 'boolean':
      return { ok: true, question: { ...base, kind: 'true_false', options: [], correct: parsed.value } }
    case 'answers':
      return choicesOrTexts(
        base,
        parsed.answers.map((answer) => ({ ...answer, text: plain(answer.text) })),
      )
    default:
      return skip(parsed.type)
  }
}

const choicesOrTexts = (
  base: { readonly prompt: string; readonly explanation: string | undefined },
  answers: readonly GiftAnswer[],
): Draft => {
  const right = answers.filter(({ mark, weight }) => (weight === undefined ? mark === '=' : weight > 0))
  if (right.length === 0) return skip('no-right-answer')
  if (answers.every(({ mark }) => mark === '=')) {
    // Answers worth a part of the mark are no accepted ones.
    const texts = right.filter(({ weight }) => weight === undefined || weight === 100).map(({ text }) => text)
    return texts.length === 0
      ? skip('no-right-answer')
      : { ok: true, question: { ...base, kind: 'fill_blank', options: [], correct: texts } }
  }
  const options = answers.map(({ text }) => text)
  const isRight = new Set(right)
  const indexes = [...answers.keys()].filter((index) => isRight.has(answers[index] as GiftAnswer))
  const [first] = right
  if (indexes.length === 1 && (first?.mark === '=' || first?.weight === 100)) {
    return { ok: true, question: { ...base, kind: 'single_choice', options, correct: indexes[0] } }
  }
  // Several answers of which any one is right: neither of our kinds of choice means that.
  if (right.some(({ mark }) => mark === '=')) return skip('several-right-answers')
  return { ok: true, question: { ...base, kind: 'multiple_choice', options, correct: indexes } }
}
