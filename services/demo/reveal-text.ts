import type { PublicQuestion, Reveal } from '#client'
import { plain } from '../client/testing/answer-content.ts'
import { clean, counted, cut } from './text.ts'

/** One line of what could be answered, or was. */
export interface AnswerRow {
  readonly label: string
  /** Undefined while the question is open. */
  readonly isRight: boolean | undefined
  /** Part of the answers with it, 0 to 1. */
  readonly share: number | undefined
}

export const optionsOf = ({ kind, options }: PublicQuestion): readonly string[] =>
  kind === 'true_false' ? ['True', 'False'] : (options ?? [])

/** Indexes of the right options as shown. */
const rightOptions = ({ correct }: Reveal): readonly number[] =>
  typeof correct === 'boolean' ? [correct ? 0 : 1] : [correct].flat().map(Number)

const LETTERS = 'ABCDEFGHIJ'

/** The options, or the texts that were typed, most frequent first. Without a reveal: what is open. */
export const answerRows = (question: PublicQuestion, reveal: Reveal | undefined): AnswerRow[] => {
  if (question.kind === 'fill_blank') return reveal === undefined ? [open('… to be typed')] : typedRows(reveal)
  const right = reveal === undefined ? [] : rightOptions(reveal)
  return optionsOf(question).map((option, index) => {
    const label = `${LETTERS[index]}  ${clean(option)}`
    if (reveal === undefined) return open(label)
    return { label, isRight: right.includes(index), share: shareOf(Number(reveal.distribution[index] ?? 0), reveal) }
  })
}

const open = (label: string): AnswerRow => ({ label, isRight: undefined, share: undefined })

const shareOf = (count: number, { answerCount }: Reveal): number => (answerCount === 0 ? 0 : count / answerCount)

const typedRows = (reveal: Reveal): AnswerRow[] => {
  const accepted = new Set([reveal.correct].flat().map((text) => plain(String(text))))
  const typed = reveal.distribution.flatMap((entry) => (typeof entry === 'number' ? [] : [entry]))
  return typed.map(({ text, count }) => ({
    label: clean(text),
    isRight: accepted.has(plain(text)),
    share: shareOf(count, reveal),
  }))
}

const percent = (share: number | undefined): string => `${Math.round(100 * (share ?? 0))} %`

/** The outcome of a question in a few words. */
export const revealText = (question: PublicQuestion, reveal: Reveal): string => {
  const rows = answerRows(question, reveal)
  const right = rows.filter(({ isRight }) => isRight)
  const name = ({ label }: AnswerRow) => cut(label.replace(/^[A-J] {2}/, ''), 40)
  const answers = counted(reveal.answerCount, 'answer')
  if (question.kind === 'multiple_choice') {
    return `${answers}, right were ${right.map((row) => `${name(row)} (${percent(row.share)})`).join(', ')}`
  }
  const share = right.reduce((sum, row) => sum + (row.share ?? 0), 0)
  const key = question.kind === 'fill_blank' ? clean(String([reveal.correct].flat()[0])) : right.map(name).join(', ')
  const mistake = question.kind === 'fill_blank' ? rows.find(({ isRight }) => !isRight) : undefined
  return `${answers}, ${percent(share)} right (${cut(key, 40)})${mistake === undefined ? '' : `, most frequent mistake: ${name(mistake)}`}`
}
