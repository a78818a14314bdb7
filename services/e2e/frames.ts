/** WebSocket frames (RFC 6455), also such as no client may send. */

export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

export interface FrameInit {
  /** 0 to 15, sound or not. */
  readonly opcode: number
  readonly payload?: string | Uint8Array
  /** Default true. */
  readonly fin?: boolean
  /** Reserved bits, 0 to 7. */
  readonly rsv?: number
  /** Default: a mask of zeros, which is one; null = unmasked, which a client must not be. */
  readonly mask?: readonly [number, number, number, number] | null
  /** What the frame says of its length, if that is not true. */
  readonly length?: bigint
}

const NO_MASK = [0, 0, 0, 0] as const

export const frame = (init: FrameInit): Buffer => {
  const { opcode, fin = true, rsv = 0, mask = NO_MASK } = init
  const payload = Buffer.from(init.payload ?? '')
  const length = init.length ?? BigInt(payload.length)
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  const head = Buffer.alloc(length < 126n ? 2 : length < 65_536n ? 4 : 10)
  head[0] = first
  head[1] = mask === null ? 0 : 0x80
  if (head.length === 2) head[1] |= Number(length)
  else if (head.length === 4) {
    head[1] |= 126
    head.writeUInt16BE(Number(length), 2)
  } else {
    head[1] |= 127
    head.writeBigUInt64BE(length, 2)
  }
  if (mask === null) return Buffer.concat([head, payload])
  return Buffer.concat([head, Buffer.from(mask), payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0))])
}

export const textFrame = (text: string): Buffer => frame({ opcode: OPCODES.text, payload: text })

export interface ServerFrame {
  readonly opcode: number
  readonly payload: Buffer
}

/** The first whole frame of what a server sent, and its size; undefined while something of it is missing. */
export const parseFrame = (bytes: Buffer): { readonly frame: ServerFrame; readonly size: number } | undefined => {
  if (bytes.length < 2) return undefined
  const short = bytes.readUInt8(1) & 0x7f
  const begin = short === 126 ? 4 : short === 127 ? 10 : 2
  if (bytes.length < begin) return undefined
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  if (bytes.length < begin + length) return undefined
  const payload = bytes.subarray(begin, begin + length)
  return { frame: { opcode: bytes.readUInt8(0) & 0x0f, payload }, size: begin + length }
}
