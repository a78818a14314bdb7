import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'

/**
 * A WebSocket client of a few hundred lines less than a real one: text frames only, no extensions, no reconnect. Load
 * generators hold ten thousand of them and must cost less than the server they measure.
 */
export interface RawWebSocket {
  send(text: string): void
  /** Sends a whole frame that was made beforehand. */
  sendFrame(frame: Buffer): void
  close(): void
}

export interface RawWebSocketOptions {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly token: string
  onMessage(text: string): void
  onClose(): void
}

const OPCODE = { text: 1, close: 8, ping: 9, pong: 10 } as const
const MASK_BIT = 0x80

/** Resolves once the server has agreed; rejects when it refuses or the connection fails before. */
export const openWebSocket = (options: RawWebSocketOptions): Promise<RawWebSocket> =>
  new Promise((resolve, reject) => {
    const { host, port, path, token, onMessage, onClose } = options
    const socket = connect({ host, port, noDelay: true })
    let buffered: Buffer = Buffer.alloc(0)
    let isOpen = false

    const send = (opcode: number, payload: Buffer): void => {
      if (!socket.writable) return
      const length =
        payload.length < 126 ? [payload.length | MASK_BIT] : [126 | MASK_BIT, payload.length >> 8, payload.length & 255]
      // A mask of zeros is a mask: the payload goes as it is.
      socket.write(Buffer.concat([Buffer.from([0x80 | opcode, ...length, 0, 0, 0, 0]), payload]))
    }

    const handshake = (): void => {
      const end = buffered.indexOf('\r\n\r\n')
      if (end < 0) return
      const status = buffered.toString('latin1', 9, 12)
      if (status !== '101') {
        socket.destroy()
        reject(new Error(`the upgrade was refused with ${status}`))
        return
      }
      buffered = buffered.subarray(end + 4)
      isOpen = true
      resolve({
        send: (text) => send(OPCODE.text, Buffer.from(text)),
        sendFrame: (frame) => void socket.write(frame),
        close: () => socket.destroy(),
      })
    }

    const readFrames = (): void => {
      for (let frame = nextFrame(buffered); frame !== undefined; frame = nextFrame(buffered)) {
        buffered = buffered.subarray(frame.size)
        if (frame.opcode === OPCODE.text) onMessage(frame.payload.toString())
        else if (frame.opcode === OPCODE.ping) send(OPCODE.pong, frame.payload)
        else if (frame.opcode === OPCODE.close) socket.end()
      }
    }

    socket.on('connect', () => {
      const key = randomBytes(16).toString('base64')
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer ${token}\r\n\r\n`,
      )
    })
    socket.on('data', (chunk) => {
      buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk])
      if (!isOpen) handshake()
      if (isOpen) readFrames()
    })
    socket.on('error', reject)
    socket.on('close', () => {
      if (isOpen) onClose()
      else reject(new Error('closed before the upgrade'))
    })
  })

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
