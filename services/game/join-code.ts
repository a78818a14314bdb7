/** Digits and capital letters without those that look alike (0 O, 1 I): 32 of them, so a random byte has no bias. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'

/** One guess in a million finds one of a thousand live sessions; among more of them codes are longer. */
const LENGTH = 6
const LONG_LENGTH = 7
export const SHORT_CODES = 500

/** What people type between the characters. */
const BETWEEN = /[\s\p{Pd}]+/gu
const MAX_TYPED_LENGTH = 32

/** Random bytes of a new code while so many sessions are live. */
export const joinCodeLength = (liveSessions: number): number => (liveSessions < SHORT_CODES ? LENGTH : LONG_LENGTH)

/** A character for each random byte; they must come from a generator that cannot be guessed. */
export const joinCodeFrom = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('')

/** The code that was meant, in the form in which codes are stored; undefined for what cannot be one. `k7m-2qx` is K7M2QX. */
export const parseJoinCode = (text: string): string | undefined => {
  if (text.length > MAX_TYPED_LENGTH) return undefined
  const code = text.replace(BETWEEN, '').toUpperCase()
  return /^[2-9A-HJ-NP-Z]{6,7}$/.test(code) ? code : undefined
}
