import { headers, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node'
import { SPANS, sessionAttribute, subjectTemplate } from '../contract/names.ts'
import { type Span, TRACEPARENT, traceparentsOf } from './tracing.ts'

/** The span of a message that leaves, in the traces of what it is about. */
export const publishSpan = (span: Span | undefined, subject: string): Span | undefined =>
  span?.child(SPANS.publish(subject), {
    role: 'producer',
    attributes: {
      'messaging.system': 'nats',
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
      'messaging.destination.template': subjectTemplate(subject),
      ...sessionAttribute(subject),
      ...(span.contexts.length > 1 && { 'messaging.batch.message_count': span.contexts.length }),
    },
  })

/** The header comes first: who receives many messages need not read them all to see that there is none. */
export const traceHeaders = (span: Span): MsgHdrs => {
  const traced = headers()
  for (const traceparent of traceparentsOf(span)) traced.append(TRACEPARENT, traceparent)
  return traced
}

/** A message over core NATS: it is not answered. */
export const publishTraced = (
  nc: NatsConnection,
  subject: string,
  payload: Uint8Array,
  span: Span | undefined,
): void => {
  const own = publishSpan(span, subject)
  if (own === undefined) {
    nc.publish(subject, payload)
    return
  }
  nc.publish(subject, payload, { headers: traceHeaders(own) })
  own.end()
}

/** Bytes of the line that every block of headers begins with: `NATS/1.0\r\n`. */
const VERSION_LENGTH = 10
const FIRST_LETTERS: readonly (number | undefined)[] = [...Buffer.from('tT')]

/** A message as JetStream's client hands it out; with the plain message inside. */
interface Received {
  readonly subject: string
  readonly reply?: string
  readonly headers?: MsgHdrs | undefined
  readonly msg?: { size?(): number }
}

/**
 * The traces that a message continues. To parse the headers of every message takes longer than all else that telemetry
 * costs for it, and we put ours first: a look at one byte tells whether it is there.
 */
export const traceparentsIn = (message: Received, payload: Uint8Array): readonly string[] => {
  const { subject, reply = '', msg } = message
  const size = msg?.size?.()
  if (size !== undefined) {
    const length = size - subject.length - reply.length - payload.length
    if (length <= 0) return NONE
    const first = new Uint8Array(payload.buffer, payload.byteOffset - length + VERSION_LENGTH, 1)[0]
    if (!FIRST_LETTERS.includes(first)) return NONE
  }
  return message.headers?.values(TRACEPARENT) ?? NONE
}

const NONE: readonly string[] = []
