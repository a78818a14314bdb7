import { FIXED64, LENGTH_DELIMITED, VARINT } from './wire-types.ts'

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
  /** A copy of what has been written; the writer begins anew. */
  finish(): Uint8Array
}

export const createWireWriter = (): WireWriter => {
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
    finish: () => {
      const copy = Buffer.allocUnsafe(at)
      buffer.copy(copy, 0, 0, at)
      at = 0
      return copy
    },
  }
  return writer
}
