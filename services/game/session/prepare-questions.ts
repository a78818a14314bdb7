import type { FieldError } from '../field-error.ts'
import type { Key } from '../kinds/kind.ts'
import { type KindName, kindOf } from '../kinds/kinds.ts'
import type { Question } from '../question.ts'
import { seededRandom, shuffled } from '../random.ts'
import { MAX_STREAK_BONUS } from '../scoring/streaks.ts'
import type { Settings } from './settings.ts'

/** A question as one session plays it. */
export interface SessionQuestion {
  readonly index: number
  readonly questionId: string
  readonly kind: KindName
  /** Element i is the quiz's index of the option shown at i. */
  readonly optionOrder: readonly number[]
  /** In terms of the options as shown. */
  readonly key: Key
  readonly points: number
  readonly timeLimitMs: number
}

const DEFAULT_POINTS = 1_000

/** The questions in the order of play. The seed alone decides every order, so that every player gets the same one. */
export const prepareQuestions = (
  questions: readonly (Question & { readonly questionId: string })[],
  settings: Pick<Settings, 'questionOrder' | 'optionOrder' | 'timeLimitSeconds'>,
  seed: number,
): readonly SessionQuestion[] => {
  const random = seededRandom(seed)
  const order = settings.questionOrder === 'random' ? shuffled(questions, random) : questions
  return order.map((question, index) => {
    const kind = kindOf(question.kind)
    const quizOrder = question.options.map((_, option) => option)
    const optionOrder =
      settings.optionOrder === 'random' || kind.isAlwaysShuffled ? shuffled(quizOrder, random) : quizOrder
    return {
      index,
      questionId: question.questionId,
      kind: question.kind,
      optionOrder,
      key: kind.keyOf(question, optionOrder),
      points: kind.isUnscored ? 0 : (question.points ?? DEFAULT_POINTS),
      timeLimitMs: (question.timeLimitSeconds ?? settings.timeLimitSeconds) * 1_000,
    }
  })
}

/** The board packs score and answering time of a player into one exact double: 26 and 27 bits. */
const MAX_SCORE = 2 ** 26
const MAX_TIME_MS = 2 ** 27

/** What keeps questions from being played: more points or time than a board can hold. */
export const questionsFaults = (
  questions: readonly SessionQuestion[],
  { streakBonus }: Pick<Settings, 'streakBonus'>,
): readonly FieldError[] => {
  const sum = (value: (question: SessionQuestion) => number): number =>
    questions.reduce((total, question) => total + value(question), 0)
  const faults: FieldError[] = []
  if (sum(({ points }) => points + (streakBonus ? MAX_STREAK_BONUS : 0)) >= MAX_SCORE) {
    faults.push({ pointer: '/quizId', code: 'too-many-points' })
  }
  if (sum(({ timeLimitMs }) => timeLimitMs) >= MAX_TIME_MS) faults.push({ pointer: '/quizId', code: 'too-long' })
  return faults
}
