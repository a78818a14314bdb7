import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

/**
 * Streams over plain sockets. A generator holds ten thousand of them and must cost less than the server it measures: no
 * reconnect, no checks, no objects per message. `services/client` reads the same streams as an application does, at several
 * times the cost; `reconnect-storm` uses that one.
 */

export type Protocol = 'ws' | 'sse'

/** Last segment of a stream's path. */
export const PATHS: Readonly<Record<Protocol, string>> = { ws: 'ws', sse: 'events' }

/** Every connection reads into this: what comes is read at once. */
const SHARED = Buffer.alloc(256 * 1024)

const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const
const PONG_MS = 15_000

/** A client's frame of at most 65,535 bytes. A mask of zeros is a mask: the payload goes as it is. */
export const clientFrame = (text: string | Buffer, opcode: number = OPCODE.text): Buffer => {
  const payload = typeof text === 'string' ? Buffer.from(text) : text
  const { length } = payload
  const size = length < 126 ? [length | 0x80] : [126 | 0x80, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([0x80 | opcode, ...size, 0, 0, 0, 0]), payload])
}

/** Sent unasked, so that pings need not be read. */
const PONG = clientFrame('', OPCODE.pong)

export interface RawStream {
  readonly socket: Socket
  /** Called with everything that comes from now on; the memory is used again. */
  onData: ((chunk: Buffer) => void) | undefined
  isClosed: boolean
}

export interface RawStreamOptions {
  readonly port: number
  readonly protocol: Protocol
  readonly path: string
  readonly token: string
  /** Gets everything after the head. Without it the first message is discarded. */
  readonly onData?: (chunk: Buffer) => void
}

/** Resolves with the head of the response when there is an `onData`, else with the stream's first message. */
export const openRawStream = ({ port, protocol, path, token, onData }: RawStreamOptions): Promise<RawStream> =>
  new Promise((resolve, reject) => {
    let isOpen = false
    let alive: NodeJS.Timeout | undefined
    let head = ''
    const read = (chunk: Buffer): void => {
      if (isOpen) {
        stream.onData?.(chunk)
        return
      }
      head += chunk.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end === -1 || (onData === undefined && head.length === end + 4)) return
      if (!/^HTTP\/1\.1 (101|200) /.test(head)) {
        socket.destroy(new Error(head.slice(0, 100)))
        return
      }
      isOpen = true
      if (protocol === 'ws') alive = setInterval(() => socket.write(PONG), PONG_MS)
      resolve(stream)
      if (head.length > end + 4) onData?.(Buffer.from(head.slice(end + 4), 'latin1'))
      head = ''
    }
    const callback = (length: number): boolean => {
      read(SHARED.subarray(0, length))
      return true
    }
    const socket = connect({ host: '127.0.0.1', port, noDelay: true, onread: { buffer: SHARED, callback } })
    const stream: RawStream = { socket, onData, isClosed: false }
    const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n`
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n${protocol === 'ws' ? upgrade : ''}\r\n`,
    )
    socket.on('error', reject)
    socket.on('close', () => {
      stream.isClosed = true
      clearInterval(alive)
      reject(new Error('closed'))
    })
  })

export interface RawWebSocket {
  send(text: string): void
  /** Sends a whole frame that was made beforehand. */
  sendFrame(frame: Buffer): void
  close(): void
}

export interface RawWebSocketOptions extends Omit<RawStreamOptions, 'protocol' | 'onData'> {
  onMessage(text: string): void
  onClose(): void
}

/** Reads whole text messages. Resolves when the server has agreed. */
export const openWebSocket = async ({ onMessage, onClose, ...options }: RawWebSocketOptions): Promise<RawWebSocket> => {
  let stream: RawStream | undefined
  let rest = Buffer.alloc(0)
  const onData = (chunk: Buffer): void => {
    let unread = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (let frame = nextFrame(unread); frame !== undefined; frame = nextFrame(unread)) {
      unread = unread.subarray(frame.size)
      if (frame.opcode === OPCODE.text) onMessage(frame.payload.toString())
      else if (frame.opcode === OPCODE.close) stream?.socket.end()
    }
    rest = Buffer.from(unread) // the memory of `chunk` is used again
  }
  stream = await openRawStream({ ...options, protocol: 'ws', onData })
  const { socket } = stream
  socket.once('close', onClose)
  const sendFrame = (frame: Buffer): void => {
    if (socket.writable) socket.write(frame)
  }
  return { sendFrame, send: (text) => sendFrame(clientFrame(text)), close: () => socket.destroy() }
}

/** The first whole frame of the buffer; servers do not mask. */
const nextFrame = (buffer: Buffer): { opcode: number; payload: Buffer; size: number } | undefined => {
  if (buffer.length < 2) return undefined
  const opcode = buffer.readUInt8(0) & 0x0f
  const short = buffer.readUInt8(1)
  const header = short === 126 ? 4 : short === 127 ? 10 : 2
  if (buffer.length < header) return undefined
  const length = short === 126 ? buffer.readUInt16BE(2) : short === 127 ? Number(buffer.readBigUInt64BE(2)) : short
  const size = header + length
  return buffer.length < size ? undefined : { opcode, payload: buffer.subarray(header, size), size }
}

/** Between two looks at what has arrived. */
const DOZE_MS = 20

/**
 * From now on this process looks at its connections only now and then, as clients on other machines do not need to be woken.
 * On one machine a writer pays for waking its readers, and the more the slower it is: a reader that is done early sleeps.
 */
export const doze = (): void => {
  const never = new Int32Array(new SharedArrayBuffer(4))
  setInterval(() => Atomics.wait(never, 0, 0, DOZE_MS), 1).unref()
}

/** Counts the frames of one type that a stream gets. */
export const countFrames = (stream: RawStream, type: string): { frames: number; bytes: number } => {
  const count = { frames: 0, bytes: 0 }
  stream.onData = (chunk) => {
    count.bytes += chunk.length
    for (let at = chunk.indexOf(type); at !== -1; at = chunk.indexOf(type, at + 1)) count.frames += 1
  }
  return count
}
