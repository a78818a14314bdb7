import { randomBytes, randomInt } from 'node:crypto'
import { newId } from '#platform/ids'
import { joinCodeFrom } from '../../game/join-code.ts'

/** Ids and everything else that must be random; tests replace it. */
export interface IdGenerator {
  id(): string
  /** A seed within the exact integers. */
  seed(): number
  /** `length`: of the code, in characters. */
  joinCode(length: number): string
  /** A few characters that tell one default nickname from another. */
  nameTag(): string
}

/** randomInt takes no wider range. */
const SEEDS = 2 ** 48 - 1

export const idGenerator: IdGenerator = {
  id: newId,
  seed: () => randomInt(SEEDS),
  joinCode: (length) => joinCodeFrom(randomBytes(length)),
  nameTag: () => joinCodeFrom(randomBytes(4)),
}
