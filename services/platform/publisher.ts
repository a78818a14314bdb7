import { headers, type Msg, type NatsConnection, type PublishOptions } from '@nats-io/transport-node'
import { PodiumError } from './errors.ts'
import { createAckInbox } from './nats.ts'
import { traceHeaders } from './telemetry/messages.ts'
import { createPublisherWatch, type Publishing } from './telemetry/publisher-watch.ts'
import { noTelemetry, type Span, type Telemetry } from './telemetry.ts'

/** What JetStream said: stored at `sequence`, or the same `messageId` was stored there before. */
export interface PublishOutcome {
  readonly kind: 'stored' | 'duplicate'
  readonly sequence: number
}

export interface Publisher {
  /**
   * Publishes to JetStream and waits for the PubAck.
   * @throws PodiumError `unavailable` without an answer in time, when the window is full, or when the server refuses;
   * the message may have been stored nevertheless.
   * `span`: what the message is about, when it is traced; default the current one. `messageId`: by which the stream tells a
   * repeat, for as long as its window.
   */
  publish(subject: string, payload: Uint8Array, span?: Span, messageId?: string): Promise<PublishOutcome>
  /** Publishes without an answer so far. */
  pending(): number
}

/** Default of `paceMs`. */
const PACE_MS = 1

interface Waiter {
  resolve(outcome: PublishOutcome): void
  reject(error: PodiumError): void
  readonly publishing: Publishing
}

interface Outgoing {
  readonly subject: string
  readonly payload: Uint8Array
  readonly messageId: string | undefined
  readonly token: string
  readonly span: Span | undefined
}

interface PubAck {
  readonly seq?: number
  readonly duplicate?: boolean
  readonly error?: { readonly description?: string }
}

/**
 * A JetStream publisher with one reply subscription, one map of waiters and one shared timer, instead of a timer, a
 * subscription entry and several promises per message as in the client's own publish.
 */
export const createPublisher = (
  nc: NatsConnection,
  {
    window = 10_000,
    timeoutMs = 4_000,
    paceMs = PACE_MS,
    telemetry = noTelemetry(),
  }: {
    /** Unanswered publishes at which further ones are refused. Default 10 000. */
    readonly window?: number
    /** Time to wait for a PubAck, give or take a quarter. Default 4 000 ms. */
    readonly timeoutMs?: number
    /** Least time between two writes to the server while messages keep coming; 0 writes each at once. Default 1 ms. */
    readonly paceMs?: number
    readonly telemetry?: Telemetry
  } = {},
): Publisher => {
  const inbox = createAckInbox(nc)
  const waiters = new Map<string, Waiter>()
  let nextToken = 0
  let timer: NodeJS.Timeout | undefined
  let outgoing: Outgoing[] = []
  let sentAt = Number.NEGATIVE_INFINITY

  const watch = createPublisherWatch(telemetry, () => waiters.size)

  const settle = (token: string, outcome: PublishOutcome | PodiumError): void => {
    const waiter = waiters.get(token)
    if (waiter === undefined) return // answered after its deadline
    waiters.delete(token)
    if (outcome instanceof PodiumError) {
      watch.end(waiter.publishing, 'failed', outcome)
      waiter.reject(outcome)
    } else {
      watch.end(waiter.publishing, outcome.kind)
      waiter.resolve(outcome)
    }
  }

  nc.subscribe(`${inbox}.*`, {
    callback: (err, msg) => {
      if (err !== null) return
      const token = msg.subject.slice(inbox.length + 1)
      settle(token, answerOf(msg))
    },
  })

  /** Waiters are in order of their deadlines, so a sweep stops at the first one that still has time. */
  const sweep = (): void => {
    const now = performance.now()
    for (const [token, waiter] of waiters) {
      if (waiter.publishing.startedAt + timeoutMs > now) break
      settle(token, unavailable('no PubAck in time'))
    }
    if (waiters.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }

  /**
   * Everything published in one turn of the event loop leaves in one write, and under load everything of one millisecond.
   * The client flushes at the end of each microtask queue, which under uWebSockets.js is once per request: one small
   * packet per answer, for us and the server.
   */
  const send = (): void => {
    const messages = outgoing
    outgoing = []
    sentAt = performance.now()
    for (const { subject, payload, messageId, token, span } of messages) {
      try {
        nc.publish(subject, payload, publishOptions(`${inbox}.${token}`, span, messageId))
      } catch (cause) {
        settle(token, new PodiumError('unavailable', { cause }))
      }
    }
  }

  return {
    pending: () => waiters.size,
    publish: (subject, payload, span, messageId) => {
      if (waiters.size >= window) {
        return Promise.reject(unavailable('publish window is full'))
      }
      return new Promise((resolve, reject) => {
        const token = (nextToken++).toString(36)
        const publishing = watch.begin(subject, span)
        waiters.set(token, { resolve, reject, publishing })
        timer ??= setInterval(sweep, timeoutMs / 4)
        if (outgoing.push({ subject, payload, messageId, token, span: publishing.span }) > 1) return
        if (paceMs === 0) send()
        else if (publishing.startedAt - sentAt >= paceMs) setImmediate(send)
        else setTimeout(send, paceMs)
      })
    },
  }
}

const publishOptions = (reply: string, span: Span | undefined, messageId: string | undefined): PublishOptions => {
  if (span === undefined && messageId === undefined) return { reply }
  const all = span === undefined ? headers() : traceHeaders(span)
  if (messageId !== undefined) all.set('Nats-Msg-Id', messageId)
  return { reply, headers: all }
}

const answerOf = ({ data }: Msg): PublishOutcome | PodiumError => {
  // An empty reply with status 503: no subscriber, so no stream has this subject or JetStream is unavailable.
  if (data.length === 0) return unavailable('no stream answered')
  const sequence = storedAt(data)
  if (sequence !== undefined) return { kind: 'stored', sequence }
  const ack = JSON.parse(Buffer.from(data).toString()) as PubAck
  if (ack.error !== undefined) return unavailable(ack.error.description ?? 'publish refused')
  return { kind: ack.duplicate === true ? 'duplicate' : 'stored', sequence: ack.seq ?? 0 }
}

const unavailable = (reason: string): PodiumError => new PodiumError('unavailable', { cause: new Error(reason) })

const BEGINNING = Buffer.from('{"stream":"')
const SEQUENCE = Buffer.from('"seq":')
const [ZERO, NINE, SPACE, CLOSING] = [0x30, 0x39, 0x20, 0x7d]
/** Longest stream name looked past, and more. */
const MAX_ACK_BYTES = 200

/**
 * The sequence in `{"stream":"…", "seq":123}`, which is what nearly every PubAck is. Undefined for anything else, which is
 * then parsed as JSON.
 */
export const storedAt = (data: Uint8Array): number | undefined => {
  let at = data.length - 1
  if (data.length > MAX_ACK_BYTES || data[at] !== CLOSING) return undefined
  // A refusal begins with `"error"`, and has a sequence as well.
  for (let from = 0; from < BEGINNING.length; from += 1) if (data[from] !== BEGINNING[from]) return undefined
  let sequence = 0
  let power = 1
  for (at -= 1; at > 0; at -= 1) {
    const byte = data[at] ?? 0
    if (byte < ZERO || byte > NINE) break
    sequence += (byte - ZERO) * power
    power *= 10
  }
  if (power === 1) return undefined
  while (data[at] === SPACE) at -= 1
  for (let back = SEQUENCE.length - 1; back >= 0; back -= 1, at -= 1) if (data[at] !== SEQUENCE[back]) return undefined
  return sequence
}
