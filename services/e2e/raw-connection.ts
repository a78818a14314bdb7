import { connect } from 'node:net'

/** A TCP connection on which anything can be said, also what no HTTP library would. */
export interface RawConnection {
  write(bytes: string | Uint8Array): void
  /** Ends our direction only. */
  end(): void
  /** Everything so far. */
  received(): Buffer
  isClosed(): boolean
  /** Resolves when the other side has closed, in whatever way. */
  readonly closed: Promise<void>
  /** Resolves when the other side has closed, or nothing has come for this time. */
  quiet(ms: number): Promise<void>
  /** Stops reading; what arrives stays in the kernel. */
  pause(): void
  destroy(): void
  /** Ends it with a reset, which leaves nothing behind on our side either. */
  reset(): void
}

/** Resolves when connected. `from`: another address of this machine (127.0.0.0/8) that the connection comes from. */
export const openRaw = (port: number, onData?: (chunk: Buffer) => void, from?: string): Promise<RawConnection> =>
  new Promise((resolve, reject) => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      ...(from !== undefined && { localAddress: from }),
    })
    const chunks: Buffer[] = []
    let isClosed = false
    let heardAt = performance.now()
    const closed = new Promise<void>((done) => {
      socket.once('close', () => {
        isClosed = true
        done()
      })
    })
    socket.on('data', (chunk) => {
      heardAt = performance.now()
      if (onData === undefined) chunks.push(chunk)
      else onData(chunk)
    })
    socket.once('error', reject) // after the connection stands a reset is one way to be closed
    socket.once('connect', () => {
      socket.on('error', () => undefined)
      resolve({
        write: (bytes) => {
          if (socket.writable) socket.write(bytes)
        },
        end: () => socket.end(),
        received: () => Buffer.concat(chunks),
        isClosed: () => isClosed,
        closed,
        quiet: async (ms) => {
          const began = performance.now()
          for (;;) {
            const left = Math.max(began, heardAt) + ms - performance.now()
            if (isClosed || left <= 0) return
            const timer = Promise.withResolvers<void>()
            const handle = setTimeout(timer.resolve, left)
            await Promise.race([closed, timer.promise])
            clearTimeout(handle)
          }
        },
        pause: () => socket.pause(),
        destroy: () => socket.destroy(),
        reset: () => socket.resetAndDestroy(),
      })
    })
  })
