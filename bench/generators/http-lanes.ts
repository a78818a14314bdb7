import { connect, type Socket } from 'node:net'

interface Lane {
  readonly socket: Socket
  id: number
  request: Buffer | undefined
  rest: string
}

/**
 * Keep-alive connections that many players' requests go over, one at a time on each, as behind a gateway. Raw sockets and
 * requests that are bytes already: the generator shares the machine with what it measures. Resolves when all are connected.
 * @param options `onResponse`: `body` is '' unless the status is another one than 202; status 0: the connection was lost.
 */
export const openHttpLanes = async (options: {
  readonly port: number
  readonly connections: number
  readonly onResponse: (id: number, status: number, body: string) => void
}) => {
  const { port, connections, onResponse } = options
  const all = new Set<Socket>()
  const free: Lane[] = []
  const waiting: { id: number; request: Buffer }[] = []
  let firstWaiting = 0
  let isClosed = false
  const shared = Buffer.allocUnsafe(64 * 1024)

  const give = (lane: Lane, id: number, request: Buffer): void => {
    lane.id = id
    lane.request = request
    lane.socket.write(request)
  }

  const release = (lane: Lane): void => {
    const next = waiting[firstWaiting]
    if (next === undefined) {
      free.push(lane)
      return
    }
    firstWaiting += 1
    if (firstWaiting === waiting.length) {
      waiting.length = 0
      firstWaiting = 0
    }
    give(lane, next.id, next.request)
  }

  const finish = (lane: Lane, status: number, body: string): void => {
    const { id } = lane
    lane.id = -1
    lane.rest = ''
    release(lane)
    onResponse(id, status, body)
  }

  /** An acceptance is one small write of the server: its first and its last byte are all there is to look at. */
  const onBytes = (lane: Lane, length: number): void => {
    if (lane.id < 0) return
    const isAccepted = shared[9] === 0x32 && shared[10] === 0x30 && shared[11] === 0x32
    if (lane.rest === '' && isAccepted && shared[length - 1] === 0x7d) {
      finish(lane, 202, '')
      return
    }
    lane.rest += shared.toString('latin1', 0, length)
    const head = lane.rest.indexOf('\r\n\r\n')
    if (head < 0) return
    const body = Number(/content-length: (\d+)/i.exec(lane.rest)?.[1] ?? 0)
    if (lane.rest.length >= head + 4 + body) finish(lane, Number(lane.rest.slice(9, 12)), lane.rest.slice(head + 4))
  }

  const open = (): Promise<Lane> =>
    new Promise((resolve, reject) => {
      const callback = (length: number): boolean => {
        onBytes(lane, length)
        return true
      }
      const socket = connect({ host: '127.0.0.1', port, noDelay: true, onread: { buffer: shared, callback } })
      all.add(socket)
      const lane: Lane = { socket, id: -1, request: undefined, rest: '' }
      socket.on('connect', () => resolve(lane))
      socket.on('error', reject)
      socket.on('close', () => {
        all.delete(socket)
        void replace(lane)
      })
    })

  /** The edge closes connections that were idle for a while; what was just being sent on one goes over another. */
  const replace = async ({ id, request }: Lane): Promise<void> => {
    if (isClosed) return
    try {
      const lane = await open()
      if (id >= 0 && request !== undefined) give(lane, id, request)
      else release(lane)
    } catch {
      if (id >= 0) onResponse(id, 0, '')
    }
  }

  free.push(...(await Promise.all(Array.from({ length: connections }, open))))

  return {
    /** Sends request `id` as soon as a connection is free. */
    send: (id: number, request: Buffer): void => {
      let lane = free.pop()
      while (lane !== undefined && !lane.socket.writable) lane = free.pop()
      if (lane === undefined) waiting.push({ id, request })
      else give(lane, id, request)
    },
    close: (): void => {
      isClosed = true
      for (const socket of all) socket.destroy()
    },
  }
}
