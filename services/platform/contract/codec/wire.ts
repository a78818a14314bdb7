/**
 * The protobuf wire format, for the messages that are made and read once per answer. All others are served by the generated
 * code, which takes two to three times as long for these (`node bench/codecs.ts`). Static code of protobuf.js decodes in
 * about the same time and encodes batches in two to three times the time. The tests hold the bytes against the
 * generated code's.
 */
const VARINT = 0
const FIXED64 = 1
const LENGTH_DELIMITED = 2
const FIXED32 = 5

/** A generated message as a plain value: an encoder needs neither its type name nor its unknown fields. */
export type Fields<T> = T extends Uint8Array
  ? Uint8Array
  : T extends readonly (infer Element)[]
    ? readonly Fields<Element>[]
    : T extends object
      ? { readonly [Key in keyof T as Key extends '$typeName' | '$unknown' ? never : Key]: Fields<T[Key]> }
      : T

/** Longest text that is cheaper to write byte by byte than by a native call. */
const SHORT_TEXT = 64
const MOST_BYTES_OF_VARINT = 5

/** Fields with default values are left out, as proto3 has it. Tag numbers below 16 only. */
export interface WireWriter {
  uint32(field: number, value: number): void
  bool(field: number, value: boolean): void
  double(field: number, value: number): void
  text(field: number, value: string): void
  /** Also when it is empty: for fields with presence. */
  presentText(field: number, value: string): void
  bytes(field: number, value: Uint8Array): void
  packedUint32(field: number, values: readonly number[]): void
  message<T>(field: number, value: T, write: (value: T, writer: WireWriter) => void): void
}

/**
 * The bytes of a message. All encoders share one buffer; every message starts at its beginning, so nothing of a message
 * whose `write` has thrown gets into the next one. `write` must not encode another message with this function.
 */
type Encode = <T>(value: T, write: (value: T, writer: WireWriter) => void) => Uint8Array

const createEncode = (): Encode => {
  let buffer = Buffer.allocUnsafe(16 * 1024)
  let at = 0

  const reserve = (count: number): void => {
    if (at + count <= buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, at + count))
    buffer.copy(larger, 0, 0, at)
    buffer = larger
  }
  /** Room has been reserved. */
  const varint = (value: number): void => {
    let rest = value >>> 0
    while (rest > 0x7f) {
      buffer[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    buffer[at++] = rest
  }
  const tag = (field: number, type: number, room: number): void => {
    reserve(1 + MOST_BYTES_OF_VARINT + room)
    buffer[at++] = (field << 3) | type
  }
  /** Writes a part of unknown length and puts the length before it. */
  const prefixed = (write: () => void): void => {
    const start = at
    at += 1
    write()
    const length = at - start - 1
    if (length < 0x80) {
      buffer[start] = length
      return
    }
    let more = 0
    for (let rest = length >>> 7; rest > 0; rest >>>= 7) more += 1
    reserve(more)
    buffer.copyWithin(start + 1 + more, start + 1, at)
    at = start
    varint(length)
    at += length
  }

  const presentText = (field: number, value: string): void => {
    if (value.length <= SHORT_TEXT) {
      tag(field, LENGTH_DELIMITED, value.length)
      const start = at
      buffer[at++] = value.length
      let index = 0
      for (; index < value.length; index += 1) {
        const code = value.charCodeAt(index)
        if (code > 0x7f) break
        buffer[at++] = code
      }
      if (index === value.length) return
      at = start
    } else {
      tag(field, LENGTH_DELIMITED, 0)
    }
    const length = Buffer.byteLength(value)
    reserve(MOST_BYTES_OF_VARINT + length)
    varint(length)
    at += buffer.write(value, at, 'utf8')
  }

  const writer: WireWriter = {
    uint32: (field, value) => {
      if (value === 0) return
      tag(field, VARINT, 0)
      varint(value)
    },
    bool: (field, value) => {
      if (!value) return
      tag(field, VARINT, 0)
      buffer[at++] = 1
    },
    double: (field, value) => {
      if (Object.is(value, 0)) return
      tag(field, FIXED64, 8)
      at = buffer.writeDoubleLE(value, at)
    },
    text: (field, value) => {
      if (value !== '') presentText(field, value)
    },
    presentText,
    bytes: (field, value) => {
      if (value.length === 0) return
      tag(field, LENGTH_DELIMITED, value.length)
      varint(value.length)
      buffer.set(value, at)
      at += value.length
    },
    packedUint32: (field, values) => {
      if (values.length === 0) return
      tag(field, LENGTH_DELIMITED, MOST_BYTES_OF_VARINT * values.length)
      prefixed(() => {
        for (const value of values) varint(value)
      })
    },
    message: (field, value, write) => {
      tag(field, LENGTH_DELIMITED, 0)
      prefixed(() => write(value, writer))
    },
  }

  return (value, write) => {
    at = 0
    write(value, writer)
    const copy = Buffer.allocUnsafe(at)
    buffer.copy(copy, 0, 0, at)
    return copy
  }
}

export const encode = createEncode()

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
