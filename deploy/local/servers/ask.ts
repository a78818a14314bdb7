import { createConnection } from 'node:net'

/**
 * Connects to a local port, sends one text and resolves with what came back as soon as it matches. For NATS and Redis, whose
 * protocols are lines of text, so that finding out whether they answer needs no driver.
 */
export const ask = (port: number, text: string, expected: RegExp, timeoutMs = 1000): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port })
    let answer = ''
    const fail = (reason: string) => {
      socket.destroy()
      reject(new Error(`port ${port}: ${reason}`))
    }
    socket.setTimeout(timeoutMs, () => fail('no answer'))
    socket.setEncoding('utf8')
    socket.once('connect', () => socket.write(text))
    socket.once('error', (error) => fail(error.message))
    socket.once('close', () => fail('closed the connection'))
    socket.on('data', (chunk: string) => {
      answer += chunk
      if (expected.test(answer)) {
        resolve(answer)
        socket.destroy()
      } else if (answer.length > 64 * 1024) {
        fail('talks something else')
      }
    })
  })
