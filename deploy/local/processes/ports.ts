import { createServer } from 'node:net'

/**
 * Free ports come from below the ephemeral range (Linux: 32768 and up, macOS: 49152 and up). In that range a client that
 * keeps reconnecting to a server that is down can be given the server's own port as its source port, connect
 * to itself, and keep the restarted server from listening.
 */
const [lowest, highest] = [20_000, 31_999]

/** True when no process listens on this port. */
export const isPortFree = (port: number, host = '127.0.0.1'): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })

/**
 * A process takes the ports in turn, from a place of its own: drawn at random, a port that one process found free and has not
 * used yet could be drawn by another.
 */
let next = (process.pid * 97) % (highest - lowest + 1)

/** The preferred port when it is free, else some free one. */
export const freePort = async (preferred?: number): Promise<number> => {
  if (preferred !== undefined && preferred !== 0 && (await isPortFree(preferred))) return preferred
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = lowest + next
    next = (next + 1) % (highest - lowest + 1)
    if (await isPortFree(port)) return port
  }
  throw new Error(`no free port between ${lowest} and ${highest}`)
}
