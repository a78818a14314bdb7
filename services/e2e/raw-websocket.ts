import { randomBytes } from 'node:crypto'
import { openRaw, type RawConnection } from './raw-connection.ts'
import { describeResponse, parseResponse } from './raw-response.ts'

/** WebSockets (RFC 6455) without a library, and their frames, also such as no client may send. */

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
  if (mask === NO_MASK) return Buffer.concat([head, Buffer.from(NO_MASK), payload])
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

export interface StreamMessage {
  readonly type: string
  readonly ref?: string | number
  // biome-ignore lint/suspicious/noExplicitAny: whatever the edge says
  readonly data: any
}

export interface RawWebSocket {
  readonly connection: RawConnection
  send(text: string): void
  /** Frames as they are, several at once too. */
  sendFrame(frames: string | Uint8Array): void
  readonly messages: readonly StreamMessage[]
  /** Calls back when there are new messages. */
  onMessage: ((message: StreamMessage) => void) | undefined
  /** Resolves when the connection is closed: with the close code; 1006 when it came without one. */
  readonly closed: Promise<number>
  /** Calls back with what a pong carries: what was said before its ping has been read. */
  onPong: ((payload: string) => void) | undefined
  /** Calls back with what answers a ping; undefined: at once. */
  onPing: ((pong: () => void) => void) | undefined
  close(): void
}

export interface RawWebSocketOptions {
  readonly port: number
  readonly path: string
  /** Default: none. */
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
}

export const upgradeRequest = (path: string, token: string, headers: Readonly<Record<string, string>> = {}): string => {
  const lines = {
    Host: 'podium',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...(token !== '' && { Authorization: `Bearer ${token}` }),
    ...headers,
  }
  const text = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`)
  return `GET ${path} HTTP/1.1\r\n${text.join('')}\r\n`
}

/** Resolves once the server has agreed. @throws Error with the response in few words when it refuses */
export const openWebSocket = async (options: RawWebSocketOptions): Promise<RawWebSocket> => {
  const { port, path, token = '', headers } = options
  const agreed = Promise.withResolvers<void>()
  let buffered: Buffer = Buffer.alloc(0)
  let isOpen = false
  let code = 1006
  const messages: StreamMessage[] = []

  const readFrames = (): void => {
    for (let next = parseFrame(buffered); next !== undefined; next = parseFrame(buffered)) {
      buffered = buffered.subarray(next.size)
      const { opcode, payload } = next.frame
      if (opcode === OPCODES.text) {
        const message = JSON.parse(payload.toString()) as StreamMessage
        messages.push(message)
        socket.onMessage?.(message)
      } else if (opcode === OPCODES.ping) {
        const reply = frame({ opcode: OPCODES.pong, payload })
        if (socket.onPing === undefined) connection.write(reply)
        else socket.onPing(() => connection.write(reply))
      } else if (opcode === OPCODES.pong) socket.onPong?.(payload.toString('latin1'))
      else if (opcode === OPCODES.close) code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005
    }
  }

  const onData = (chunk: Buffer): void => {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk])
    if (isOpen) {
      readFrames()
      return
    }
    const parsed = parseResponse(buffered)
    if (parsed === undefined) return
    buffered = buffered.subarray(parsed.size)
    if (parsed.response.status !== 101) {
      agreed.reject(new Error(describeResponse(parsed.response)))
      connection.destroy()
      return
    }
    isOpen = true
    agreed.resolve()
    readFrames()
  }

  const connection = await openRaw(port, onData)
  const socket: RawWebSocket = {
    connection,
    send: (text) => connection.write(textFrame(text)),
    sendFrame: connection.write,
    messages,
    onMessage: undefined,
    closed: connection.closed.then(() => code),
    onPong: undefined,
    onPing: undefined,
    close: connection.destroy,
  }
  void connection.closed.then(() => agreed.reject(new Error('closed')))
  connection.write(upgradeRequest(path, token, headers))
  await agreed.promise
  return socket
}
