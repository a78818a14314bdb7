import { App, type HttpResponse, us_socket_local_port } from 'uWebSockets.js'
import { jetstream } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { subjects } from '#platform/contract/subjects'
import { serveParent } from '../lib/processes.ts'

/**
 * The least that an edge has to do for an answer: read the body and the token's presence, parse the JSON, put the answers of a
 * millisecond into one stored message, and reply when that is acknowledged. No signature, no limit, no rule of the game.
 */

const LARGEST = 500
const FLUSH_MS = 1

interface Waiting {
  readonly res: HttpResponse
  readonly answerId: string
}

const start = async (url: string): Promise<{ port: number }> => {
  const js = jetstream(await connect({ servers: url, noAsyncTraces: true }))
  let waiting: Waiting[] = []
  let parts: Buffer[] = []
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    timer = undefined
    const [batch, payload] = [waiting, Buffer.concat(parts)]
    waiting = []
    parts = []
    const finish = (status: string) => (): void => {
      for (const { res, answerId } of batch) {
        res.cork(() =>
          res.writeStatus(status).writeHeader('content-type', 'application/json').end(`{"answerId":"${answerId}"}`),
        )
      }
    }
    js.publish(subjects.answers(0), payload).then(finish('202 Accepted'), finish('503 Service Unavailable'))
  }
  const app = App()
  app.post('/*', (res, req) => {
    const hasToken = req.getHeader('authorization').startsWith('Bearer ')
    res.onAborted(() => undefined)
    res.onData((chunk, isLast) => {
      if (!isLast) return
      const body = Buffer.from(chunk)
      const { answerId } = JSON.parse(body.toString()) as { answerId: string }
      if (!hasToken) return void res.cork(() => res.writeStatus('401 Unauthorized').end())
      waiting.push({ res, answerId })
      parts.push(Buffer.from(body))
      if (waiting.length >= LARGEST) {
        clearTimeout(timer)
        flush()
      } else timer ??= setTimeout(flush, FLUSH_MS)
    })
  })
  return new Promise((resolve, reject) => {
    app.listen('127.0.0.1', 0, (socket) => {
      if (socket === false) reject(new Error('cannot listen'))
      else resolve({ port: us_socket_local_port(socket) })
    })
  })
}

serveParent(({ url }: { url: string }) => start(url))
