interface CryptoLike {
  getRandomValues?(array: Uint8Array): Uint8Array
}

/**
 * A UUID of version 7, for an answer or as an idempotency key: made before a request is first sent and kept for every
 * repetition. React Native has no `crypto` of its own; there Math.random is good enough, as the id is no secret and only has
 * to differ from the others of the same caller.
 */
export const newId = (): string => {
  const bytes = new Uint8Array(16)
  const crypto = (globalThis as { crypto?: CryptoLike }).crypto
  if (crypto?.getRandomValues === undefined) {
    for (const index of bytes.keys()) bytes[index] = Math.floor(Math.random() * 256)
  } else {
    crypto.getRandomValues(bytes)
  }
  const now = Date.now()
  for (let index = 0; index < 6; index++) bytes[index] = Math.floor(now / 256 ** (5 - index)) % 256
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
