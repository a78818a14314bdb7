const BEGINNING = Buffer.from('{"stream":"')
const SEQUENCE = Buffer.from('"seq":')
const [ZERO, NINE, SPACE, CLOSING] = [0x30, 0x39, 0x20, 0x7d]
/** Longest stream name looked past, and more. */
const MAX_ACK_BYTES = 200

/**
 * The sequence in `{"stream":"…", "seq":123}`, which is what nearly every PubAck is. Undefined for anything else, which is
 * then parsed as JSON.
 */
export const storedAt = (data: Uint8Array): number | undefined => {
  let at = data.length - 1
  if (data.length > MAX_ACK_BYTES || data[at] !== CLOSING) return undefined
  // A refusal begins with `"error"`, and has a sequence as well.
  for (let from = 0; from < BEGINNING.length; from += 1) if (data[from] !== BEGINNING[from]) return undefined
  let sequence = 0
  let power = 1
  for (at -= 1; at > 0; at -= 1) {
    const byte = data[at] ?? 0
    if (byte < ZERO || byte > NINE) break
    sequence += (byte - ZERO) * power
    power *= 10
  }
  if (power === 1) return undefined
  while (data[at] === SPACE) at -= 1
  for (let back = SEQUENCE.length - 1; back >= 0; back -= 1, at -= 1) if (data[at] !== SEQUENCE[back]) return undefined
  return sequence
}
