/** A text of '0' and '1' as bytes: bit i % 8 of byte i / 8 is character i. Trailing zero bytes are left out. */
export const packBits = (bits: string): Uint8Array => {
  const last = bits.lastIndexOf('1')
  const bytes = new Uint8Array((last >> 3) + 1)
  for (let index = 0; index <= last; index += 1) {
    if (bits.charCodeAt(index) === ONE) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7))
  }
  return bytes
}

const ONE = 0x31
