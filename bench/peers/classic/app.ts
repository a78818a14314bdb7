import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { Redis } from 'ioredis'
import pg from 'pg'
import type { Server } from 'socket.io'
import { serveParent } from '../../lib/processes.ts'
import { createSocketServer } from './socket-server.ts'
import { type Claims, readToken } from './tokens.ts'

/** The application server: answers over HTTP or Socket.IO, one transaction each, and rooms of Socket.IO. */

export type AppOrder =
  | { readonly kind: 'start'; readonly databaseUrl: string; readonly redisUrl: string }
  /** Sends so many bytes to all clients, again and again; not at all for 0 ms. */
  | { readonly kind: 'broadcast'; readonly everyMs: number; readonly bytes: number }

const CONNECTIONS = 20

const CHECK = {
  name: 'check',
  text: `SELECT q.correct, extract(epoch FROM now() - q.opened_at) * 1000 AS elapsed_ms
    FROM participants p LEFT JOIN questions q ON q.session_id = p.session_id AND q.id = $3 AND now() < q.closes_at
    WHERE p.session_id = $1 AND p.user_id = $2`,
}

/** Answer and event in one transaction, and in one round trip. */
const STORE = {
  name: 'store',
  text: `WITH stored AS (
      INSERT INTO answers (question_id, user_id, answer_id, choice, points) VALUES ($2, $3, $4, $5, $6)
      ON CONFLICT (question_id, user_id) DO NOTHING RETURNING answer_id)
    INSERT INTO outbox (session_id, user_id, answer_id, points) SELECT $1, $3, answer_id, $6 FROM stored`,
}

const LIMIT_MS = 60_000

interface Answer {
  readonly answerId: string
  readonly questionId: string
  readonly choice: number
}

const reply = (res: ServerResponse, status: number, body: object): void => {
  const content = JSON.stringify(body)
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) })
  res.end(content)
}

interface Reply {
  readonly status: number
  readonly body: object
}

type Answering = (claims: Claims, answer: Answer) => Promise<Reply>

const refuse = (status: number, code: string): Reply => ({ status, body: { code } })

/** One answer, whichever way it came. */
const createAnswers =
  (pool: pg.Pool): Answering =>
  async (claims, { answerId, questionId, choice }) => {
    const { rows } = await pool.query({ ...CHECK, values: [claims.sid, claims.sub, questionId] })
    if (rows.length === 0) return refuse(403, 'not-a-participant')
    const { correct, elapsed_ms: elapsed } = rows[0]
    if (correct === null) return refuse(400, 'question-not-in-quiz')
    const points = choice === correct ? Math.round(1_000 * (1 - Math.min(1, Number(elapsed) / LIMIT_MS) / 2)) : 0
    const { rowCount } = await pool.query({
      ...STORE,
      values: [claims.sid, questionId, claims.sub, answerId, choice, points],
    })
    return rowCount === 1 ? { status: 202, body: { answerId, questionId } } : refuse(400, 'already-answered')
  }

const overHttp = async (answer: Answering, req: IncomingMessage, res: ServerResponse): Promise<void> => {
  const claims = readToken((req.headers.authorization ?? '').slice('Bearer '.length))
  const { status, body } =
    claims === undefined ? refuse(401, 'unauthorized') : await answer(claims, JSON.parse(await text(req)) as Answer)
  reply(res, status, body)
}

let io: Server
let timer: NodeJS.Timeout | undefined

const start = async (databaseUrl: string, redisUrl: string): Promise<number> => {
  const answers = createAnswers(new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS, idleTimeoutMillis: 0 }))
  const http = createServer({ keepAliveTimeout: 60_000 }, (req, res) => {
    overHttp(answers, req, res).catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      reply(res, 500, { code: 'internal' })
    })
  })
  io = createSocketServer(new Redis(redisUrl), http)
  io.use((socket, next) => {
    const claims = readToken(String(socket.handshake.auth.token))
    if (claims === undefined) return next(new Error('unauthorized'))
    void socket.join([`session:${claims.sid}`, `user:${claims.sub}`])
    // The acknowledgement is the status of the same answer over HTTP.
    socket.on('answer', (answer: Answer, acknowledge: (status: number) => void) => {
      answers(claims, answer).then(
        ({ status }) => acknowledge(status),
        () => acknowledge(500),
      )
    })
    next()
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return (http.address() as AddressInfo).port
}

const broadcast = (everyMs: number, bytes: number): void => {
  clearInterval(timer)
  if (everyMs === 0) return
  const frame = { fill: 'x'.repeat(Math.max(0, bytes - 40)) }
  timer = setInterval(() => io.emit('leaderboard.updated', frame), everyMs)
}

serveParent(async (order: AppOrder): Promise<{ port: number } | undefined> => {
  if (order.kind === 'start') return { port: await start(order.databaseUrl, order.redisUrl) }
  return void broadcast(order.everyMs, order.bytes)
})
