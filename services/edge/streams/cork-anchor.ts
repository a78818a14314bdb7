import {
  App,
  type HttpResponse,
  type us_listen_socket,
  us_listen_socket_close,
  us_socket_local_port,
} from 'uWebSockets.js'
import { connect, type Socket } from 'node:net'

/** A connection of this process to itself on which nothing is ever said, to cork. */
export interface CorkAnchor {
  /** Runs `work` at once, with the anchor corked. */
  cork(work: () => void): void
  close(): void
}

/**
 * An upgrade after an await must not be corked on its own response: when the driver makes a WebSocket of a response without
 * moving it in memory, the end of the cork still takes it for a response, and may close it (seen with one in ten of the first
 * connections of a process). Not corked at all, each upgrade prints a warning. Corked on another connection it is right.
 */
export const createCorkAnchor = (): Promise<CorkAnchor> =>
  new Promise((resolve, reject) => {
    let listening: us_listen_socket | undefined
    let anchor: HttpResponse | undefined
    let socket: Socket | undefined
    const app = App().get('/', (res) => {
      if (listening !== undefined) us_listen_socket_close(listening)
      anchor = res
      res.onAborted(() => {
        anchor = undefined
      })
      resolve({
        cork: (work) => {
          if (anchor === undefined) work()
          else anchor.cork(work)
        },
        close: () => socket?.destroy(),
      })
    })
    app.listen('127.0.0.1', 0, (token) => {
      if (token === false) return reject(new Error('cannot listen on 127.0.0.1'))
      listening = token
      socket = connect(us_socket_local_port(token), '127.0.0.1')
      socket.on('error', reject)
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
      socket.unref()
    })
  })
