import { fillBlank } from './fill-blank.ts'
import type { Evaluate, Key, Kind } from './kind.ts'
import { multipleChoice } from './multiple-choice.ts'
import { singleChoice } from './single-choice.ts'
import { trueFalse } from './true-false.ts'

/** Every kind of question; a new one is a line here (the whole recipe is in the README). */
export const KINDS: readonly Kind[] = [singleChoice, multipleChoice, trueFalse, fillBlank]

/** How answers to a question are evaluated; undefined for an unknown kind or a key that the kind cannot use. */
export const readKey = (kind: string, key: Key): Evaluate | undefined =>
  KINDS.find(({ name }) => name === kind)?.read(key)
