import type { Random } from './random.ts'

/** Bytes that parsers of HTTP and JSON look at twice. */
const TELLING = [0x00, 0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x3a, 0x5c, 0x7b, 0x7d, 0x7f, 0x80, 0xc0, 0xff]

const LONGEST = 16_384

const MUTATIONS: readonly ((bytes: Buffer, at: number, random: Random) => Buffer)[] = [
  (bytes, at, random) => {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8))
    return changed
  },
  (bytes, at, random) => {
    const changed = Buffer.from(bytes)
    changed[at] = random.pick(TELLING) ?? 0
    return changed
  },
  (bytes, at, random) =>
    Buffer.concat([bytes.subarray(0, at), Buffer.of(random.pick(TELLING) ?? 0), bytes.subarray(at)]),
  (bytes, at, random) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(8))]),
  (bytes, at) => bytes.subarray(0, at),
  (bytes, at, random) => {
    const piece = bytes.subarray(at, at + 1 + random.below(64))
    return Buffer.concat([bytes.subarray(0, at), piece, piece, bytes.subarray(at + piece.length)])
  },
  (bytes, at, random) => {
    const piece = bytes.subarray(at, at + 1 + random.below(4))
    const times = 1 + random.below(2_000)
    return Buffer.concat([bytes.subarray(0, at), ...Array.from({ length: times }, () => piece), bytes.subarray(at)])
  },
]

/** One to four small changes somewhere in the bytes. */
export const mutate = (bytes: Buffer, random: Random): Buffer => {
  let changed = bytes
  for (let count = 1 + random.below(4); count > 0 && changed.length > 0; count--) {
    changed = random.pick(MUTATIONS)?.(changed, random.below(changed.length), random) ?? changed
  }
  return changed.length > LONGEST ? changed.subarray(0, LONGEST) : changed
}
