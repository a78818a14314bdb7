import { createEventBuffer } from 'better-sse'

/** One message to clients, with its JSON made once. */
export interface Frame {
  readonly type: string
  /** Position, for messages that have one. */
  readonly id: number | undefined
  /** The data object's JSON without its closing brace, so that a client's own members can follow: see `OwnMembers`. */
  readonly head: string
}

/**
 * Further members of a frame's data for one client: text, each led by a comma and '' for none; or a player's own place, which
 * becomes `"me":{"rank":…,"score":…}`. A board's frame has one for every player in every tick, so it is numbers that are
 * written as digits, without text in between.
 */
export type OwnMembers = string | OwnPlace

export interface OwnPlace {
  readonly rank: number
  readonly score: number
}

/** `data` needs a member at least when own members are to follow. */
export const createFrame = (type: string, data: object, id?: number): Frame => ({
  type,
  id,
  head: JSON.stringify(data).slice(0, -1),
})

/** @param members must have at least one that is not undefined */
export const ownMembers = (members: object): string => `,${JSON.stringify(members).slice(1, -1)}`

/** Room behind a shared frame for a client's own members: a rank and a score need 60 bytes. */
const OWN_ROOM_BYTES = 256

const RANK = Buffer.from(',"me":{"rank":')
const SCORE = Buffer.from(',"score":')

/** Frames in the bytes of one protocol. The shared part of a frame is encoded once, however many clients get it. */
export type FrameEncoder = ReturnType<typeof createEncoder>

const createEncoder = (before: (frame: Frame) => string, after: string) => {
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
    /** Good until the next call: copy what is kept. */
    encode: (frame: Frame, own: OwnMembers): Uint8Array => {
      if (frame !== last) load(frame)
      if (typeof own !== 'string') {
        // The same 60 bytes for every player in every tick: digits are written as bytes, without text in between.
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
    /** Shared parts encoded so far. */
    encodings: (): number => encodings,
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
  createEncoder(
    ({ type, id, head }) => `{"type":"${type}",${id === undefined ? '' : `"id":${id},`}"data":${head}`,
    '}}',
  )

/** Data is JSON on one line already; there is nothing to serialize or to clean. */
const asIs = (text: unknown): string => String(text)

/** `event:…`, `id:…`, `data:{…}` and an empty line. */
export const createSseEncoder = (): FrameEncoder =>
  createEncoder(({ type, id, head }) => {
    const event = createEventBuffer({ serializer: asIs, sanitizer: asIs }).event(type)
    const line = (id === undefined ? event : event.id(String(id))).data(head).read()
    return line.slice(0, -1) // other members follow
  }, '}\n\n')
