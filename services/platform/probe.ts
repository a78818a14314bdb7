import { subjects } from './contract/subjects.ts'
import { newId } from './ids.ts'
import type { Publisher } from './publisher.ts'

export interface ProbeOptions {
  readonly publisher: Publisher
  /** A result is good for this long, so that a busy prober costs one message in that time. Default 1 000 ms. */
  readonly everyMs?: number
  /** Longest wait for the message to be stored. Default 2 000 ms. */
  readonly timeoutMs?: number
}

/**
 * A readiness check that proves JetStream by storing a message in a stream of its own. Never rejects: whatever goes wrong
 * is false.
 */
export const createJetStreamProbe = ({ publisher, everyMs = 1_000, timeoutMs = 2_000 }: ProbeOptions) => {
  const subject = subjects.probe(newId())
  const payload = new Uint8Array()
  let result: Promise<boolean> | undefined
  let askedAt = 0

  const publish = async (): Promise<boolean> => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutMs)
    })
    const stored = publisher.publish(subject, payload).then(
      () => true,
      () => false,
    )
    try {
      return await Promise.race([stored, late])
    } finally {
      clearTimeout(timer)
    }
  }

  return (): Promise<boolean> => {
    const now = performance.now()
    if (result === undefined || now - askedAt > everyMs) {
      askedAt = now
      result = publish()
    }
    return result
  }
}
