/** The exact fraction numerator / denominator in 0..1 that an answer earns; both integers, the denominator > 0. */
export interface Credit {
  readonly numerator: number
  readonly denominator: number
}

export const FULL: Credit = { numerator: 1, denominator: 1 }
export const NONE: Credit = { numerator: 0, denominator: 1 }

/** What a player gave: indexes of options as shown, or a text. */
export interface Given {
  readonly choices: readonly number[]
  readonly text?: string | undefined
}

/** Evaluates answers to one question. */
export type Evaluate = (given: Given) => Credit

export interface Kind {
  /** As in the API. */
  readonly name: string
  /** Reads the key of one question once, for all of its answers; undefined when it is no key of this kind. */
  readonly read: (key: Key) => Evaluate | undefined
}

/** A key as `session` stores it; each kind uses one of its members. */
export interface Key {
  /** Indexes of the correct options as shown; true/false: 0 = true, 1 = false. */
  readonly options?: readonly number[] | undefined
  /** Accepted texts. */
  readonly texts?: readonly string[] | undefined
}
