import { randomBytes, randomInt } from 'node:crypto'
import { newId } from '#platform/ids'

/** Ids and everything else that must be random; tests replace it. */
export interface IdGenerator {
  id(): string
  /** A seed within the exact integers. */
  seed(): number
  joinCode(): string
  /** A few characters that tell one default nickname from another. */
  nameTag(): string
}

/** Digits and capital letters without those that look alike (0 O, 1 I): 32 of them, so a random byte has no bias. */
export const JOIN_CODE_ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'
export const JOIN_CODE_LENGTH = 6

/** A join code from as many random bytes; they must come from a generator that cannot be guessed. */
export const joinCodeFrom = (bytes: Uint8Array): string =>
  Array.from(bytes.subarray(0, JOIN_CODE_LENGTH), (byte) => JOIN_CODE_ALPHABET.charAt(byte % 32)).join('')

/** The code that was meant, in the form in which codes are stored; undefined for what cannot be one. Case does not matter. */
export const parseJoinCode = (text: string): string | undefined => {
  const code = text.trim().toUpperCase()
  return /^[2-9A-HJ-NP-Z]{6}$/.test(code) ? code : undefined
}

/** randomInt takes no wider range. */
const SEEDS = 2 ** 48 - 1

export const idGenerator: IdGenerator = {
  id: newId,
  seed: () => randomInt(SEEDS),
  joinCode: () => joinCodeFrom(randomBytes(JOIN_CODE_LENGTH)),
  nameTag: () => joinCodeFrom(randomBytes(4)),
}
