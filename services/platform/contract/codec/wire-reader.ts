import { FIXED32, FIXED64, LENGTH_DELIMITED, VARINT } from './wire-types.ts'

/** Reads what lies in `buffer` up to `end`. Every method throws RangeError when that is not a whole message. */
export interface WireReader {
  /** The number of the next field; 0 at the end. */
  next(): number
  uint32(): number
  bool(): boolean
  double(): number
  text(): string
  /** A view, not a copy. */
  bytes(): Uint8Array
  /** One value, or a packed list of them. */
  uint32s(into: number[]): void
  message<T>(read: (reader: WireReader) => T): T
  skip(): void
}

export const createWireReader = (bytes: Uint8Array): WireReader => {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  let end = buffer.length
  let type = VARINT

  const varint = (): number => {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) throw new RangeError('truncated')
      const byte = buffer[at++] ?? 0
      if (shift < 32) value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw new RangeError('a varint without end')
  }
  const expect = (wanted: number): void => {
    if (type !== wanted) throw new RangeError(`wire type ${type}`)
  }
  /** The end of a part that begins here. */
  const partEnd = (): number => {
    expect(LENGTH_DELIMITED)
    const length = varint()
    if (at + length > end) throw new RangeError('truncated')
    return at + length
  }
  const advance = (count: number): void => {
    if (at + count > end) throw new RangeError('truncated')
    at += count
  }

  const reader: WireReader = {
    next: () => {
      if (at >= end) return 0
      const key = varint()
      type = key & 7
      const field = key >>> 3
      if (field === 0) throw new RangeError('field 0')
      return field
    },
    uint32: () => {
      expect(VARINT)
      return varint()
    },
    bool: () => {
      expect(VARINT)
      return varint() !== 0
    },
    double: () => {
      expect(FIXED64)
      advance(8)
      return buffer.readDoubleLE(at - 8)
    },
    text: () => {
      const last = partEnd()
      const text = buffer.toString('utf8', at, last)
      at = last
      return text
    },
    bytes: () => {
      const last = partEnd()
      const part = buffer.subarray(at, last)
      at = last
      return part
    },
    uint32s: (into) => {
      if (type === VARINT) {
        into.push(varint())
        return
      }
      const last = partEnd()
      while (at < last) into.push(varint())
    },
    message: (read) => {
      const last = partEnd()
      const outer = end
      end = last
      const value = read(reader)
      if (at !== last) throw new RangeError('a part was not read to its end')
      end = outer
      return value
    },
    skip: () => {
      if (type === VARINT) varint()
      else if (type === FIXED64) advance(8)
      else if (type === FIXED32) advance(4)
      else at = partEnd()
    },
  }
  return reader
}

/** All of a message that holds several others, as its field 1. @throws RangeError when it is none. */
export const readSeveral = <T>(bytes: Uint8Array, read: (reader: WireReader) => T): T[] => {
  const reader = createWireReader(bytes)
  const several: T[] = []
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) several.push(reader.message(read))
    else reader.skip()
  }
  return several
}
