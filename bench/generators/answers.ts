import { serveParent } from '../lib/child.ts'
import { monotonicMs } from '../lib/clock.ts'
import { openHttpLanes } from '../load/http-lanes.ts'

/**
 * Answers, or other requests: sends them at times fixed beforehand, whether or not those before have been answered, over keep-alive connections.
 * It does nothing else, so that it can be on time.
 */

export interface AnswersTask {
  readonly port: number
  readonly connections: number
  /** They are spread evenly over so many milliseconds, in random order. */
  readonly withinMs: number
  readonly requests: readonly TimedRequest[]
  /** Status of a success. */
  readonly expected: number
  /** Given up after so long without all answers, milliseconds after the last was due. */
  readonly patienceMs: number
}

export interface TimedRequest {
  readonly path: string
  readonly token: string
  readonly body: string
}

export interface AnswersReport {
  /** When the first one was due, `monotonicMs`. */
  readonly startAt: number
  /** By index of the request: when it was to be sent, and when its success was there (NaN if it never was); `monotonicMs`. */
  readonly intendedAt: Float64Array
  readonly acceptedAt: Float64Array
  /** How late each one was sent, milliseconds. */
  readonly lags: Float64Array
  /** Status and body → how often. */
  readonly refused: Readonly<Record<string, number>>
}

/** After everything is prepared, until the first is due. */
const LEAD_MS = 200

/** What is due within this time is sent now: the timers of Node.js have whole milliseconds. */
const EARLY_MS = 0.5

const bytesOf = ({ path, token, body }: TimedRequest): Buffer =>
  Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )

const play = async (task: AnswersTask): Promise<AnswersReport> => {
  const count = task.requests.length
  const [intendedAt, acceptedAt, lags] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)]
  acceptedAt.fill(Number.NaN)
  const refused: Record<string, number> = {}
  let answered = 0
  let next = 0
  const lanes = await openHttpLanes({
    port: task.port,
    connections: task.connections,
    onResponse: (index, status, body) => {
      answered += 1
      if (status === task.expected) acceptedAt[index] = monotonicMs()
      else {
        const key = `${status} ${/"code":"([^"]*)"/.exec(body)?.[1] ?? body.slice(0, 100)}`
        refused[key] = (refused[key] ?? 0) + 1
      }
      sendDue()
    },
  })
  const bytes = task.requests.map(bytesOf)
  const order = bytes.map((_, index) => ({ index, at: Math.random() })).sort((a, b) => a.at - b.at)
  const startAt = monotonicMs() + LEAD_MS
  for (const [place, { index }] of order.entries()) {
    intendedAt[index] = startAt + ((place + 0.5) / count) * task.withinMs
  }

  const sendDue = (): void => {
    for (let due = order[next]; due !== undefined; due = order[++next]) {
      const [at, now] = [intendedAt[due.index] ?? 0, monotonicMs()]
      if (at > now + EARLY_MS) return
      lanes.send(due.index, bytes[due.index] ?? Buffer.alloc(0))
      lags[due.index] = Math.max(0, now - at)
      // One that is sent a moment early is timed from then on.
      intendedAt[due.index] = Math.min(at, now)
    }
  }
  const giveUpAt = startAt + task.withinMs + task.patienceMs
  await new Promise<void>((resolve) => {
    const tick = (): void => {
      sendDue()
      if ((next === count && answered === count) || monotonicMs() > giveUpAt) resolve()
      else setTimeout(tick, 1)
    }
    tick()
  })
  lanes.close()
  return { startAt, intendedAt, acceptedAt, lags, refused }
}

serveParent(play)
