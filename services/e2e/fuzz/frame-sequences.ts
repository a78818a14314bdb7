import fc from 'fast-check'
import { type FrameInit, frame, OPCODES } from '../raw-websocket.ts'
import { streamMessage } from './documents.ts'
import { fill, type Words } from './words.ts'

/** What is said in one go on an open WebSocket. */
export type FrameSpec =
  | { readonly kind: 'message'; readonly text: string; readonly cuts: readonly number[]; readonly mask: Mask }
  | { readonly kind: 'frame'; readonly init: FrameInit }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }

type Mask = readonly [number, number, number, number]

const byte = fc.nat(255)
const mask = fc.tuple(byte, byte, byte, byte)

const message = fc.record({
  kind: fc.constant('message' as const),
  text: streamMessage,
  cuts: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.nat(300), { maxLength: 6 }) },
  ),
  mask,
})

const payload = fc.oneof(fc.string({ maxLength: 60 }), fc.uint8Array({ maxLength: 130 }))

const control = fc.record({
  kind: fc.constant('frame' as const),
  init: fc.record({
    opcode: fc.constantFrom(OPCODES.ping, OPCODES.pong),
    payload: fc.uint8Array({ maxLength: 125 }),
    mask,
  }),
})

const unusual = fc.record({
  kind: fc.constant('frame' as const),
  init: fc.record({ opcode: fc.constantFrom(OPCODES.text, OPCODES.binary), payload, mask, fin: fc.boolean() }),
})

const fatal = fc.oneof(
  fc.record({
    kind: fc.constant('frame' as const),
    init: fc.record(
      {
        opcode: fc.nat(15),
        payload,
        fin: fc.boolean(),
        rsv: fc.nat(7),
        mask: fc.option(mask),
        length: fc.oneof(
          fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
          fc.constantFrom(0n, 125n, 126n, 65_535n, 65_536n, 2n ** 31n, 2n ** 63n),
        ),
      },
      { requiredKeys: ['opcode', 'payload'] },
    ),
  }),
  fc.record({ kind: fc.constant('bytes' as const), bytes: fc.uint8Array({ maxLength: 60 }) }),
)

const one: fc.Arbitrary<FrameSpec> = fc.oneof(
  { weight: 30, arbitrary: message },
  { weight: 20, arbitrary: control },
  { weight: 6, arbitrary: unusual },
  { weight: 3, arbitrary: fatal },
)

/** Several at once, without waiting for an answer in between. */
export const frameSequences: fc.Arbitrary<readonly FrameSpec[]> = fc.array(one, { minLength: 1, maxLength: 12 })

/** A message in one or several frames. */
const renderMessage = (text: string, cuts: readonly number[], mask: Mask): Buffer[] => {
  const bytes = Buffer.from(text)
  const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
  return ends.map((end, index) =>
    frame({
      opcode: index === 0 ? OPCODES.text : OPCODES.continuation,
      payload: bytes.subarray(ends[index - 1] ?? 0, end),
      fin: index === ends.length - 1,
      mask,
    }),
  )
}

/** One buffer for each frame. */
export const renderFrames = (specs: readonly FrameSpec[], words: Words): readonly Buffer[] =>
  specs.flatMap((spec) => {
    switch (spec.kind) {
      case 'message':
        return renderMessage(fill(spec.text, words), spec.cuts, spec.mask)
      case 'frame':
        return [frame(spec.init)]
      case 'bytes':
        return [Buffer.from(spec.bytes)]
      default:
        return spec satisfies never
    }
  })
