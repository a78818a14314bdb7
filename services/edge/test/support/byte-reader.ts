import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'

/** A connection that reads one byte at a time, with a pause after each. */
export interface ByteReader {
  /** Bytes read so far. */
  received(): number
  readonly closed: Promise<void>
  close(): void
}

/** @param path of a stream: WebSocket when it ends with /ws */
export const requestHead = (host: string, path: string, token: string): string => {
  const upgrade = path.endsWith('/ws')
    ? `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n`
    : ''
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n${upgrade}\r\n`
}

export const openByteReader = (url: string, path: string, token: string, pauseMs: number): ByteReader => {
  const { hostname, port } = new URL(url)
  let received = 0
  let timer: NodeJS.Timeout | undefined
  const socket = connect({
    host: hostname,
    port: Number(port),
    onread: {
      buffer: Buffer.alloc(1), // the operating system is asked for this much
      callback: (count) => {
        received += count
        timer = setTimeout(() => socket.resume(), pauseMs)
        return false
      },
    },
  })
  socket.on('error', () => undefined) // a reset is one way to be closed
  socket.write(requestHead(hostname, path, token))
  return {
    received: () => received,
    closed: new Promise((resolve) => socket.on('close', () => resolve())),
    close: () => {
      clearTimeout(timer)
      socket.destroy()
    },
  }
}
