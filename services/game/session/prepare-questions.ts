import type { FieldError } from '../field-error.ts'
import type { Kind, Question } from '../question.ts'
import { seededRandom, shuffled } from '../random.ts'
import { MAX_STREAK_BONUS } from '../scoring/streaks.ts'
import type { Settings } from './settings.ts'

/** The key in terms of the options as shown; true/false: 0 is true, 1 is false. */
export type Key = { readonly options: readonly number[] } | { readonly texts: readonly string[] }

/** A question as one session plays it. */
export interface Card {
  readonly index: number
  readonly questionId: string
  readonly kind: Kind
  /** Element i is the quiz's index of the option shown at i. */
  readonly optionOrder: readonly number[]
  readonly key: Key
  readonly points: number
  readonly timeLimitMs: number
}

const DEFAULT_POINTS = 1_000

/** The questions in the order of play. The seed alone decides every order, so that everybody gets the same one. */
export const dealDeck = (
  questions: readonly (Question & { readonly questionId: string })[],
  settings: Pick<Settings, 'questionOrder' | 'optionOrder' | 'timeLimitSeconds'>,
  seed: number,
): readonly Card[] => {
  const random = seededRandom(seed)
  const order = settings.questionOrder === 'random' ? shuffled(questions, random) : questions
  return order.map((question, index) => {
    const quizOrder = question.options.map((_, option) => option)
    const optionOrder = settings.optionOrder === 'random' ? shuffled(quizOrder, random) : quizOrder
    return {
      index,
      questionId: question.questionId,
      kind: question.kind,
      optionOrder,
      key: keyOf(question, optionOrder),
      points: question.points ?? DEFAULT_POINTS,
      timeLimitMs: (question.timeLimitSeconds ?? settings.timeLimitSeconds) * 1_000,
    }
  })
}

const keyOf = (question: Question, optionOrder: readonly number[]): Key => {
  switch (question.kind) {
    case 'single_choice':
      return { options: [optionOrder.indexOf(question.correct)] }
    case 'multiple_choice':
      return { options: question.correct.map((option) => optionOrder.indexOf(option)).toSorted((a, b) => a - b) }
    case 'true_false':
      return { options: [question.correct ? 0 : 1] }
    case 'fill_blank':
      return { texts: question.correct }
    default:
      return question satisfies never
  }
}

/** The board packs score and answering time of a player into one exact double: 26 and 27 bits. */
const MAX_SCORE = 2 ** 26
const MAX_TIME_MS = 2 ** 27

/** What keeps a deck from being played: more points or time than a board can hold. */
export const deckFaults = (
  deck: readonly Card[],
  { streakBonus }: Pick<Settings, 'streakBonus'>,
): readonly FieldError[] => {
  const sum = (value: (card: Card) => number): number => deck.reduce((total, card) => total + value(card), 0)
  const faults: FieldError[] = []
  if (sum(({ points }) => points + (streakBonus ? MAX_STREAK_BONUS : 0)) >= MAX_SCORE) {
    faults.push({ pointer: '/quizId', code: 'too-many-points' })
  }
  if (sum(({ timeLimitMs }) => timeLimitMs) >= MAX_TIME_MS) faults.push({ pointer: '/quizId', code: 'too-long' })
  return faults
}
