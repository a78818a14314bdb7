import type { Faults } from '../field-error.ts'
import type { TextRule } from '../text.ts'

/** The exact fraction numerator / denominator in 0..1 that an answer earns; both integers, the denominator > 0. */
export interface Credit {
  readonly numerator: number
  readonly denominator: number
}

export const FULL: Credit = { numerator: 1, denominator: 1 }
export const NONE: Credit = { numerator: 0, denominator: 1 }

/** The fields of a request that carry an answer; each kind takes exactly one of them. */
export interface AnswerFields {
  readonly choice?: number
  readonly choices?: readonly number[]
  readonly text?: string
  readonly number?: number
}

/** An answer as it is published, stored and compared: indexes of options as shown, or a text. */
export interface AnswerContent {
  readonly choices: readonly number[]
  readonly text?: string | undefined
}

/** What a question of a quiz asks; the form of `correct` depends on the kind. */
export interface QuestionContent<Correct = unknown> {
  readonly options: readonly string[]
  /** Absent when the kind has no key or the options hold it. */
  readonly correct?: Correct
}

/** The key as a session stores it, in terms of the options as shown. JSON whose members the kind knows. */
export type Key = Readonly<Record<string, unknown>>

/** Evaluates answers to one question. */
export type Evaluate = (answer: AnswerContent) => Credit

/** Answers with the same content. */
export interface CountedAnswers extends AnswerContent {
  readonly count: number
}

/** How the answers to one question are counted for its reveal. */
export type Distribution =
  /** One number per option as shown. */
  | {
      readonly of: 'options'
      /** Element i of `optionOrder` is the quiz's index of the option shown at i. */
      readonly count: (answers: readonly CountedAnswers[], optionOrder: readonly number[]) => readonly number[]
    }
  /** The most frequent texts. */
  | { readonly of: 'texts'; readonly textOf: (answer: AnswerContent, normalise: TextRule) => string }

/** Everything about one kind of question. `Correct` is what a quiz holds as its key. */
export interface Kind<Correct = unknown> {
  /** As in the API. */
  readonly name: string
  /** The options are shuffled whatever the session's settings say. */
  readonly isAlwaysShuffled?: true
  /** An answer is one option, sent as `choice`. */
  readonly isOneChoice?: true
  /** Has no right answer: no points, and streaks pass over it. */
  readonly isUnscored?: true
  /** Checks what was sent and notes every fault at `pointer`; the result counts only when there are none. */
  check(content: QuestionContent, pointer: string, faults: Faults): QuestionContent<Correct>
  keyOf(content: QuestionContent<Correct>, optionOrder: readonly number[]): Key
  /** The answer that the fields hold; undefined when they are another kind's, or name options that do not exist. */
  answerOf(fields: AnswerFields, optionCount: number): AnswerContent | undefined
  /** The fields in which results show an answer. */
  fieldsOf(answer: AnswerContent): AnswerFields
  /** Reads a stored key once, for all answers to its question; undefined when it is no key of this kind. */
  evaluator(key: Key, normalise: TextRule): Evaluate | undefined
  /** What the reveal shows as `correct`; undefined for nothing. */
  correctOf(key: Key): unknown
  readonly distribution: Distribution
}

/** The stored key's list of option indexes; undefined when there is none. */
export const optionsOf = ({ options }: Key): readonly number[] | undefined =>
  Array.isArray(options) && options.every(Number.isInteger) ? options : undefined
