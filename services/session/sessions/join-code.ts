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
