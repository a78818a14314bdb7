import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

export type Protocol = 'ws' | 'sse'

/** Every connection reads into this: what comes is looked at right away. */
const SHARED = Buffer.alloc(256 * 1024)

/** Sent unasked, so that nobody has to read pings: a masked, empty pong. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0])
const PONG_MS = 15_000

/** A stream that is read and thrown away: a thousand of them cost little. */
export interface RawStream {
  readonly socket: Socket
  /** Called with everything that comes from now on; the memory is used again. */
  onData: ((chunk: Buffer) => void) | undefined
  isClosed: boolean
}

export interface RawStreamOptions {
  readonly port: number
  readonly protocol: Protocol
  /** Without the last segment. */
  readonly path: string
  readonly token: string
}

/** Resolves when something follows the head of the response: the stream's first message. */
export const openRawStream = ({ port, protocol, path, token }: RawStreamOptions): Promise<RawStream> =>
  new Promise((resolve, reject) => {
    let isOpen = false
    let alive: NodeJS.Timeout | undefined
    let head = ''
    const onData = (chunk: Buffer): void => {
      if (isOpen) {
        stream.onData?.(chunk)
        return
      }
      head += chunk.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end === -1 || head.length === end + 4) return
      if (!/^HTTP\/1\.1 (101|200) /.test(head)) {
        reject(new Error(head.slice(0, 100)))
        return
      }
      isOpen = true
      if (protocol === 'ws') alive = setInterval(() => socket.write(PONG), PONG_MS)
      head = ''
      resolve(stream)
    }
    const callback = (length: number): boolean => {
      onData(SHARED.subarray(0, length))
      return true
    }
    const socket = connect({ host: '127.0.0.1', port, noDelay: true, onread: { buffer: SHARED, callback } })
    const stream: RawStream = { socket, onData: undefined, isClosed: false }
    socket.write(
      `GET ${path}/${protocol === 'ws' ? 'ws' : 'events'} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n${
        protocol === 'ws'
          ? `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n`
          : ''
      }\r\n`,
    )
    socket.on('error', reject)
    socket.on('close', () => {
      stream.isClosed = true
      clearInterval(alive)
      reject(new Error('closed'))
    })
  })

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
