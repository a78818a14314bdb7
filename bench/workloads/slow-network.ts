import { connect, createServer, type Server, type Socket } from 'node:net'

export interface Network {
  /** One way, milliseconds. */
  readonly delayMs: number
  /** Added to it, drawn anew for each piece; what was sent first still arrives first. */
  readonly jitterMs: number
}

/** A TCP proxy before a port, through which everything takes its time. Resolves with its own port. */
export const startSlowNetwork = async (port: number, { delayMs, jitterMs }: Network) => {
  const sockets = new Set<Socket>()
  const carry = (from: Socket, to: Socket): void => {
    let last = 0
    const later = (act: () => void): void => {
      const due = Math.max(last, performance.now() + delayMs + Math.random() * jitterMs)
      last = due
      setTimeout(() => !to.destroyed && act(), due - performance.now())
    }
    from.on('data', (piece) => later(() => to.write(piece)))
    from.on('end', () => later(() => to.end()))
    from.on('close', () => sockets.delete(from))
    from.on('error', () => to.destroy())
  }
  const server: Server = createServer({ noDelay: true }, (client) => {
    const edge = connect({ port, host: '127.0.0.1', noDelay: true })
    for (const socket of [client, edge]) sockets.add(socket)
    carry(client, edge)
    carry(edge, client)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a proxy without a port')
  return {
    port: address.port,
    close: (): void => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
