import { connect } from 'node:net'

/** Sends bytes as they are and resolves with everything that comes back until the server closes or `quietMs` pass. */
export const exchangeRaw = (port: number, bytes: string | Buffer, quietMs = 300): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let received = ''
    const finish = () => {
      socket.destroy()
      resolve(received)
    }
    socket.setTimeout(quietMs, finish)
    socket.on('data', (data) => {
      received += data.toString('latin1')
    })
    socket.on('close', finish)
    socket.on('error', (err: NodeJS.ErrnoException) =>
      err.code === 'ECONNRESET' || err.code === 'EPIPE' ? finish() : reject(err),
    )
    socket.on('connect', () => socket.write(bytes))
  })
