import { PodiumError } from '#platform/errors'
import type { Publisher, PublishOutcome } from '#platform/publisher'

/** A message between its publish and its PubAck. */
interface Published {
  readonly subject: string
  readonly payload: Uint8Array
  store(): void
  fail(): void
}

/** A publisher whose PubAcks come when the test says so. */
export const createTestPublisher = () => {
  const published: Published[] = []
  const publisher: Publisher = {
    pending: () => 0,
    publish: (subject, payload) => {
      const { promise, resolve, reject } = Promise.withResolvers<PublishOutcome>()
      const sequence = published.length + 1
      published.push({
        subject,
        payload,
        store: () => resolve({ kind: 'stored', sequence }),
        fail: () => reject(new PodiumError('unavailable')),
      })
      return promise
    },
  }
  return { published, publisher }
}
