import { randomBytes } from 'node:crypto'
import { OPCODES, parseFrame } from './frames.ts'
import { openRaw, type RawConnection } from './raw-connection.ts'
import { describeResponse, parseResponse } from './raw-response.ts'

export interface StreamMessage {
  readonly type: string
  readonly ref?: string | number
  // biome-ignore lint/suspicious/noExplicitAny: whatever the edge says
  readonly data: any
}

/** A WebSocket that was agreed on properly; what is said on it is up to its user. */
export interface RawWebSocket {
  readonly connection: RawConnection
  /** Frames as they are, several at once too. */
  write(frames: string | Uint8Array): void
  readonly messages: readonly StreamMessage[]
  /** Calls back when there are new messages. */
  onMessage: ((message: StreamMessage) => void) | undefined
  /** Resolves when the connection is closed: with the close code; 1006 when it came without one. */
  readonly closed: Promise<number>
  /** Calls back with what a pong carries: what was said before its ping has been read. */
  onPong: ((payload: string) => void) | undefined
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

/** @throws Error with the response in few words when the upgrade is refused */
export const openWebSocket = async (
  port: number,
  path: string,
  token: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawWebSocket> => {
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
      } else if (opcode === OPCODES.close) code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005
      else if (opcode === OPCODES.pong) socket.onPong?.(payload.toString('latin1'))
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
    write: connection.write,
    messages,
    onMessage: undefined,
    closed: connection.closed.then(() => code),
    onPong: undefined,
  }
  void connection.closed.then(() => agreed.reject(new Error('closed')))
  connection.write(upgradeRequest(path, token, headers))
  await agreed.promise
  return socket
}
