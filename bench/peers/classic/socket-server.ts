import type { Server as HttpServer } from 'node:http'
import { createAdapter } from '@socket.io/redis-streams-adapter'
import type { Redis } from 'ioredis'
import { Server } from 'socket.io'

/**
 * Socket.IO as its documentation recommends for many connections: WebSocket only, no compression, plain JSON through the
 * adapter, the upgrade request not kept.
 */
export const createSocketServer = (redis: Redis, http?: HttpServer): Server => {
  const options = {
    transports: ['websocket' as const],
    perMessageDeflate: false,
    httpCompression: false,
    serveClient: false,
    adapter: createAdapter(redis, { onlyPlaintext: true }),
  }
  const io = http === undefined ? new Server(options) : new Server(http, options)
  if (http !== undefined) {
    io.engine.on('connection', (raw: { request: unknown }) => {
      raw.request = null
    })
  }
  return io
}
