import { createEventBuffer } from 'better-sse'
import type { Frame, FrameEncoder } from './frame.ts'

/** Room behind a shared frame for a client's own members: a rank and a score need 60 bytes. */
const OWN_ROOM_BYTES = 256

const RANK = Buffer.from(',"me":{"rank":')
const SCORE = Buffer.from(',"score":')

interface Layout {
  before(frame: Frame): string
  readonly after: string
}

const createEncoder = ({ before, after }: Layout): FrameEncoder => {
  const placeEnd = Buffer.from(`}${after}`)
  let encodings = 0
  let last: Frame | undefined
  let buffer = Buffer.alloc(0)
  let sharedLength = 0
  /** Views of the buffer's beginning by length: the clients of a tick need a few different ones. */
  let views: Uint8Array[] = []

  const load = (frame: Frame): void => {
    const text = before(frame)
    sharedLength = Buffer.byteLength(text)
    buffer = Buffer.allocUnsafeSlow(sharedLength + OWN_ROOM_BYTES)
    buffer.write(text)
    views = []
    last = frame
    encodings += 1
  }

  const upTo = (end: number): Uint8Array => {
    const known = views[end - sharedLength]
    if (known !== undefined) return known
    const view = buffer.subarray(0, end)
    views[end - sharedLength] = view
    return view
  }

  return {
    encode: (frame, own) => {
      if (frame !== last) load(frame)
      if (typeof own !== 'string') {
        // The same 60 bytes for everybody in every tick: digits are written as bytes, without text in between.
        const score = writeBytes(buffer, SCORE, writeDigits(buffer, own.rank, writeBytes(buffer, RANK, sharedLength)))
        return upTo(writeBytes(buffer, placeEnd, writeDigits(buffer, own.score, score)))
      }
      const tail = own + after
      // A character takes three bytes at the most.
      if (tail.length * 3 > OWN_ROOM_BYTES && Buffer.byteLength(tail) > OWN_ROOM_BYTES) {
        return Buffer.concat([buffer.subarray(0, sharedLength), Buffer.from(tail)])
      }
      return upTo(sharedLength + buffer.write(tail, sharedLength))
    },
    encodings: () => encodings,
  }
}

/** Byte by byte: for so few of them a call of a built-in function takes longer. Returns where they end. */
const writeBytes = (target: Uint8Array, bytes: Uint8Array, at: number): number => {
  for (let index = 0; index < bytes.length; index++) target[at + index] = bytes[index] ?? 0
  return at + bytes.length
}

const ZERO = 48

/** A whole number from 0 to 2^31 − 1 in decimal digits. Returns where they end. */
const writeDigits = (target: Uint8Array, value: number, at: number): number => {
  let end = at + 1
  for (let limit = 10; value >= limit; limit *= 10) end += 1
  let rest = value | 0
  for (let index = end - 1; index >= at; index--) {
    const tenth = (rest / 10) | 0
    target[index] = ZERO + rest - tenth * 10
    rest = tenth
  }
  return end
}

/** `{"type":…,"id":…,"data":{…}}` */
export const createWsEncoder = (): FrameEncoder =>
  createEncoder({
    before: ({ type, id, head }) => `{"type":"${type}",${id === undefined ? '' : `"id":${id},`}"data":${head}`,
    after: '}}',
  })

/** Data is JSON on one line already; there is nothing to serialize or to clean. */
const asIs = (text: unknown): string => String(text)

/** `event:…`, `id:…`, `data:{…}` and an empty line. */
export const createSseEncoder = (): FrameEncoder =>
  createEncoder({
    before: ({ type, id, head }) => {
      const event = createEventBuffer({ serializer: asIs, sanitizer: asIs }).event(type)
      const line = (id === undefined ? event : event.id(String(id))).data(head).read()
      return line.slice(0, -1) // the line goes on
    },
    after: '}\n\n',
  })
