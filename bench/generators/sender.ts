import { forEachOf, serveParent } from '../lib/processes.ts'
import { monotonicMs } from '../lib/statistics.ts'
import { clientFrame, openWebSocket, type RawWebSocket } from '../lib/streams.ts'
import { openHttpLanes } from './http-lanes.ts'
import { type Pattern, randomFrom, sendingTimes } from './schedule.ts'

/**
 * The load generator: sends answers or other requests at times fixed beforehand, whether or not those before have been
 * answered, over keep-alive connections or WebSockets. It does nothing else, so that it can be on time. With all requests due
 * at once each connection sends its next request when the last was answered, which is a closed loop.
 */

export interface SendTask {
  readonly port: number
  /** HTTP connections that the requests share, one at a time on each. */
  readonly connections: number
  readonly pattern: Pattern
  /** Sent in random order. */
  readonly requests: readonly TimedRequest[]
  /** Each request is sent so often; default 1. */
  readonly repeat?: number
  /** Status of a success. */
  readonly expected: number
  /** Given up after so long without all answers, milliseconds after the last was due. */
  readonly patienceMs: number
}

export interface TimedRequest {
  readonly path: string
  readonly token: string
  readonly body: string
  /** An answer over a WebSocket at `path` that stays open for later tasks, instead of a POST. */
  readonly isFrame?: boolean
}

export interface SendReport {
  /** When the first one was due, `monotonicMs`. */
  readonly startAt: number
  /** By index of the request: when it was to be sent, and when its success was there (NaN if it never was); `monotonicMs`. */
  readonly intendedAt: Float64Array
  readonly acceptedAt: Float64Array
  /** How late each one was sent, milliseconds. */
  readonly lags: Float64Array
  readonly accepted: number
  /** Status and code → how often; `none`: without an answer. */
  readonly refused: Readonly<Record<string, number>>
  /** Of this process from the first to the last, microseconds. */
  readonly cpuMicros: number
}

/** After everything is prepared, until the first is due. */
const LEAD_MS = 200

/** What is due within this time is sent now: the timers of Node.js have whole milliseconds. */
const EARLY_MS = 0.5

/** An edge waits half a second for a WebSocket's first message before it sends its own. */
const PARALLEL = 1_000

const bytesOf = ({ path, token, body, isFrame }: TimedRequest): Buffer =>
  isFrame === true
    ? clientFrame(`{"type":"answer","ref":1,"data":${body}}`)
    : Buffer.from(
        `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\n` +
          `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      )

const codeOf = (body: string): string => /"code":"([^"]*)"/.exec(body)?.[1] ?? body.slice(0, 100)

/** By token. */
const sockets = new Map<string, RawWebSocket>()
/** What each of them waits for: the index of its request. */
const pending = new Map<string, number>()
let onAnswer: (index: number, refusal?: string) => void = () => undefined

const connectPlayers = (port: number, requests: readonly TimedRequest[]): Promise<void> => {
  const missing = requests.filter(({ isFrame, token }) => isFrame === true && !sockets.has(token))
  return forEachOf(missing, PARALLEL, async ({ path, token }) => {
    const settle = (refusal?: string): void => {
      const index = pending.get(token)
      pending.delete(token)
      if (index !== undefined) onAnswer(index, refusal)
    }
    const onMessage = (text: string): void => {
      if (text.startsWith('{"type":"answer.accepted"')) settle()
      else if (text.startsWith('{"type":"error"')) settle(codeOf(text))
    }
    const onClose = (): void => settle('socket closed')
    sockets.set(token, await openWebSocket({ port, path, token, onMessage, onClose }))
  })
}

const send = async (task: SendTask): Promise<SendReport> => {
  const { port, connections, pattern, requests, repeat = 1, expected, patienceMs } = task
  const bytes = requests.map(bytesOf)
  const count = requests.length * repeat
  const [intendedAt, acceptedAt, lags] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)]
  acceptedAt.fill(Number.NaN)
  const refused: Record<string, number> = {}
  let [next, answered, accepted] = [0, 0, 0]
  onAnswer = (index, refusal) => {
    answered += 1
    if (refusal === undefined) {
      acceptedAt[index] = monotonicMs()
      accepted += 1
    } else refused[refusal] = (refused[refusal] ?? 0) + 1
    sendDue()
  }
  await connectPlayers(port, requests)
  const lanes = await openHttpLanes({
    port,
    connections: requests.every(({ isFrame }) => isFrame) ? 0 : connections,
    onResponse: (index, status, body) => {
      if (status === expected) onAnswer(index)
      else onAnswer(index, status === 0 ? 'none' : `${status} ${codeOf(body)}`)
    },
  })
  const sendOne = (index: number): void => {
    const request = requests[index % requests.length]
    const own = bytes[index % requests.length]
    if (request === undefined || own === undefined) return
    if (request.isFrame !== true) lanes.send(index, own)
    else {
      pending.set(request.token, index)
      sockets.get(request.token)?.sendFrame(own)
    }
  }

  const random = randomFrom(count)
  const times = sendingTimes(count, pattern, random)
  const order = Array.from({ length: count }, (_, index) => ({ index, place: random() })).sort(
    (a, b) => a.place - b.place,
  )
  const startAt = monotonicMs() + LEAD_MS
  for (const [place, { index }] of order.entries()) intendedAt[index] = startAt + (times[place] ?? 0)

  const sendDue = (): void => {
    for (let due = order[next]; due !== undefined; due = order[next]) {
      const { index } = due
      const [at, now] = [intendedAt[index] ?? 0, monotonicMs()]
      if (at > now + EARLY_MS) return
      next += 1 // before it is sent: a response may come back into this function
      sendOne(index)
      lags[index] = Math.max(0, now - at)
      // One that is sent a moment early is timed from then on.
      intendedAt[index] = Math.min(at, now)
    }
  }
  const giveUpAt = startAt + (times.at(-1) ?? 0) + patienceMs
  const before = process.cpuUsage()
  await new Promise<void>((resolve) => {
    const tick = (): void => {
      sendDue()
      if ((next === count && answered === count) || monotonicMs() > giveUpAt) resolve()
      else setTimeout(tick, 1)
    }
    tick()
  })
  const { user, system } = process.cpuUsage(before)
  if (answered < count) refused.none = (refused.none ?? 0) + count - answered
  lanes.close()
  pending.clear()
  return { startAt, intendedAt, acceptedAt, lags, accepted, refused, cpuMicros: user + system }
}

serveParent(send)
