import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'

/** What can happen to the network of one phone. */
export type Fault =
  /** Every connection is reset. */
  | { readonly kind: 'reset' }
  /** Every connection is closed in good order, in the middle of whatever it was carrying. */
  | { readonly kind: 'close' }
  /** Nothing arrives for a while, then everything does. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Every byte arrives on its own. */
  | { readonly kind: 'slices'; readonly ms: number }
  /** Connections die silently. */
  | { readonly kind: 'half-open' }
  /** Requests arrive, replies are lost silently: every retry is a duplicate for the server. */
  | { readonly kind: 'deaf' }
  /** Connections are reset, new ones refused. */
  | { readonly kind: 'offline'; readonly ms: number }

export interface FlakyProxy {
  readonly url: string
  apply(fault: Fault): void
  /** From now on it is a good network; connections that are dead are reset. */
  heal(): void
  close(): Promise<void>
}

/** Bytes written singly before a chunk's rest follows as a whole; a byte costs two turns of the event loop. */
const MAX_SLICES = 400

interface Link {
  readonly client: Socket
  readonly server: Socket
  isDead: boolean
  isDeaf: boolean
}

/** A TCP proxy on a port of its own in front of `target`; what it carries is bytes to it. */
export const startFlakyProxy = async (target: URL): Promise<FlakyProxy> => {
  const links = new Set<Link>()
  let delayedUntil = 0
  let slicedUntil = 0
  let offlineUntil = 0

  const reset = ({ client, server }: Link): void => {
    client.resetAndDestroy()
    server.resetAndDestroy()
  }

  const write = async (to: Socket, chunk: Buffer): Promise<void> => {
    let at = 0
    for (; Date.now() < slicedUntil && at < Math.min(chunk.length, MAX_SLICES); at++) {
      if (to.destroyed) return
      to.write(chunk.subarray(at, at + 1))
      await turn()
    }
    if (!to.destroyed && at < chunk.length) to.write(chunk.subarray(at))
  }

  /** Passes chunks on in order, each under the conditions of its moment. */
  const carry = (link: Link, from: Socket, to: Socket, isLost: () => boolean): void => {
    let before: Promise<void> = Promise.resolve()
    const inTurn = (task: () => Promise<void>): void => {
      before = before.then(async () => {
        while (Date.now() < delayedUntil) await sleep(delayedUntil - Date.now())
        if (!isLost()) await task()
      })
    }
    from.on('data', (chunk) => inTurn(() => write(to, chunk)))
    from.on('end', () => inTurn(async () => void to.end()))
    from.on('error', () => undefined) // a close follows
    from.on('close', () => {
      if (!link.isDead && !link.isDeaf) inTurn(async () => void to.destroy())
      if (link.client.destroyed && link.server.destroyed) links.delete(link)
    })
  }

  const onClient = (client: Socket): void => {
    if (Date.now() < offlineUntil) {
      client.on('error', () => undefined)
      client.resetAndDestroy()
      return
    }
    const server = createConnection({ host: target.hostname, port: Number(target.port), noDelay: true })
    client.setNoDelay(true)
    const link: Link = { client, server, isDead: false, isDeaf: false }
    links.add(link)
    carry(link, client, server, () => link.isDead)
    carry(link, server, client, () => link.isDead || link.isDeaf)
  }

  const listener: Server = createServer({ allowHalfOpen: true }, onClient)
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('no port')

  const apply = (fault: Fault): void => {
    const until = Date.now() + ('ms' in fault ? fault.ms : 0)
    switch (fault.kind) {
      case 'reset':
        links.forEach(reset)
        return
      case 'close':
        for (const { client, server } of links) {
          client.end()
          server.end()
        }
        return
      case 'delay':
        delayedUntil = until
        return
      case 'slices':
        slicedUntil = until
        return
      case 'half-open':
        for (const link of links) link.isDead = true
        return
      case 'deaf':
        for (const link of links) link.isDeaf = true
        return
      case 'offline':
        offlineUntil = until
        links.forEach(reset)
        return
      default:
        fault satisfies never
    }
  }

  return {
    url: `http://127.0.0.1:${address.port}`,
    apply,
    heal: () => {
      delayedUntil = slicedUntil = offlineUntil = 0
      for (const link of links) if (link.isDead || link.isDeaf) reset(link)
    },
    close: async () => {
      links.forEach(reset)
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}
