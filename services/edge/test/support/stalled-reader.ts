import { connect } from 'node:net'
import { requestHead } from './byte-reader.ts'

/** A connection that reads the response's head and then nothing more, until it is asked to. */
export interface StalledReader {
  /** Reads from now on. */
  resume(): void
  /** Sends bytes as they are. */
  write(bytes: Uint8Array): void
  /** Everything read after the head. */
  received(): Buffer
  /** Resolves when the edge has closed the connection and everything is read. */
  readonly closed: Promise<void>
  close(): void
}

/** @param path of a stream: WebSocket when it ends with /ws */
export const openStalled = async (url: string, path: string, token: string): Promise<StalledReader> => {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.write(requestHead(hostname, path, token))
  socket.on('error', () => undefined) // a reset is one way to be closed
  await new Promise<void>((resolve, reject) => {
    let head = ''
    const onData = (chunk: Buffer): void => {
      head += chunk.toString('latin1') // may come in pieces
      if (!head.includes('\r\n\r\n')) return
      socket.pause()
      socket.off('data', onData)
      if (/^HTTP\/1\.1 (101|200) /.test(head)) resolve()
      else reject(new Error(head))
    }
    socket.on('data', onData)
  })
  const chunks: Buffer[] = []
  return {
    resume: () => {
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      socket.resume()
    },
    write: (bytes) => void socket.write(bytes),
    received: () => Buffer.concat(chunks),
    closed: new Promise((resolve) => socket.on('close', () => resolve())),
    close: () => socket.destroy(),
  }
}

/** Positions of all whole events in what a connection received, in order. */
export const positionsIn = (received: Buffer, protocol: 'ws' | 'sse'): number[] => {
  const id = protocol === 'ws' ? /"id":([0-9]+)/g : /^id:([0-9]+)\ndata:.*\n\n/gm
  return [...received.toString('latin1').matchAll(id)].map((match) => Number(match[1]))
}

/** Head, code and reason: "errors" is the longest of those without JSON. */
const MAX_CLOSE_FRAME = 10

/** The close code at the end of what a WebSocket received; undefined when there is none. */
export const closeCodeIn = (received: Buffer): number | undefined => {
  for (let size = 4; size <= MAX_CLOSE_FRAME; size++) {
    const frame = received.subarray(-size)
    if (frame[0] === 0x88 && frame[1] === size - 2) return frame.readUInt16BE(2)
  }
  return undefined
}
