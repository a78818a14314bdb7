import { createEventBuffer } from 'better-sse'
import type { Frame, FrameEncoder } from '../app/frame.ts'

/** Room behind a shared frame for a client's own members: a rank and a score need 60 bytes. */
const OWN_ROOM_BYTES = 256

interface Layout {
  before(frame: Frame): string
  readonly after: string
}

const createEncoder = ({ before, after }: Layout): FrameEncoder => {
  let encodings = 0
  let last: Frame | undefined
  let buffer = Buffer.alloc(0)
  let sharedLength = 0

  const load = (frame: Frame): void => {
    const text = before(frame)
    sharedLength = Buffer.byteLength(text)
    buffer = Buffer.allocUnsafeSlow(sharedLength + OWN_ROOM_BYTES)
    buffer.write(text)
    last = frame
    encodings += 1
  }

  return {
    encode: (frame, own) => {
      if (frame !== last) load(frame)
      const tail = own + after
      // A character takes three bytes at the most.
      if (tail.length * 3 > OWN_ROOM_BYTES && Buffer.byteLength(tail) > OWN_ROOM_BYTES) {
        return Buffer.concat([buffer.subarray(0, sharedLength), Buffer.from(tail)])
      }
      return buffer.subarray(0, sharedLength + buffer.write(tail, sharedLength))
    },
    encodings: () => encodings,
  }
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
