import type { TextRule } from '../text.ts'
import { fillBlank } from './fill-blank.ts'
import type { AnswerContent, AnswerFields, CountedAnswers, Evaluate, Key, Kind } from './kind.ts'
import { multipleChoice } from './multiple-choice.ts'
import { numeric } from './numeric.ts'
import { ordering } from './ordering.ts'
import { poll } from './poll.ts'
import { singleChoice } from './single-choice.ts'
import { trueFalse } from './true-false.ts'

/** Every kind of question; a new one is its file and a line here (the whole recipe is in the README). */
export const KINDS = [
  singleChoice,
  multipleChoice,
  trueFalse,
  fillBlank,
  ordering,
  numeric,
  poll,
] as const satisfies readonly Kind[]

export type KindName = (typeof KINDS)[number]['name']

const byName: ReadonlyMap<string, Kind> = new Map(KINDS.map((kind) => [kind.name, kind]))

export const kindOf = (name: KindName): Kind => byName.get(name) as Kind

/** Undefined for a name that no kind has. */
export const findKind = (name: string): Kind | undefined => byName.get(name)

export const isKindName = (name: string): name is KindName => byName.has(name)

/** True for kinds whose answers are neither right nor wrong. */
export const isUnscored = (name: string): boolean => findKind(name)?.isUnscored === true

/** How answers to a question are evaluated; undefined for an unknown kind or a key that the kind cannot use. */
export const readKey = (kind: string, key: unknown, normalise: TextRule): Evaluate | undefined =>
  typeof key === 'object' && key !== null ? findKind(kind)?.evaluator(key as Key, normalise) : undefined

/**
 * Whether the fields hold the answer that is stored. Without the question's kind, of which a replay may come long after: as
 * any kind would read them.
 */
export const isStoredAnswer = (stored: AnswerContent, fields: AnswerFields, kind: string | undefined): boolean =>
  KINDS.some(
    (each: Kind) => (kind === undefined || each.name === kind) && isSame(each.answerOf(fields, Infinity), stored),
  )

const isSame = (a: AnswerContent | undefined, b: AnswerContent): boolean =>
  a !== undefined &&
  a.text === b.text &&
  a.choices.length === b.choices.length &&
  a.choices.every((choice, place) => choice === b.choices[place])

/** Different texts that a reveal names. */
const MAX_TEXTS = 10

/** The answers to one question, counted as its kind wants them. */
export const countAnswers = (
  kind: string,
  answers: readonly CountedAnswers[],
  optionOrder: readonly number[],
  normalise: TextRule,
): {
  readonly optionCounts: readonly number[]
  readonly textCounts: readonly { readonly text: string; readonly count: number }[]
} => {
  const distribution = findKind(kind)?.distribution
  if (distribution === undefined) return { optionCounts: [], textCounts: [] }
  if (distribution.of === 'options') {
    return { optionCounts: distribution.count(answers, optionOrder), textCounts: [] }
  }
  const counts = new Map<string, number>()
  for (const answer of answers) {
    if (answer.text === undefined) continue // it was erased
    const text = distribution.textOf(answer, normalise)
    counts.set(text, (counts.get(text) ?? 0) + answer.count)
  }
  const textCounts = Array.from(counts, ([text, count]) => ({ text, count }))
    .toSorted((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1))
    .slice(0, MAX_TEXTS)
  return { optionCounts: [], textCounts }
}
