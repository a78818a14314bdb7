import autocannon from 'autocannon'
import { serveParent } from '../lib/child.ts'

/**
 * Closed-loop saturation: every connection sends its next request when it has the last one's answer. Good for the most that
 * can go through, never for latencies.
 */

export interface HttpLoadTask {
  readonly url: string
  /** One list per connection, sent from first to last; again from the first one with `seconds`, once without. */
  readonly requests: readonly (readonly HttpLoadRequest[])[]
  readonly seconds?: number
}

export interface HttpLoadRequest {
  readonly path: string
  readonly token: string
  readonly body: string
}

export interface HttpLoadReport {
  readonly seconds: number
  /** Answers by status code, `none` for requests without one. */
  readonly answers: Readonly<Record<string, number>>
}

const load = async ({ url, requests, seconds }: HttpLoadTask): Promise<HttpLoadReport> => {
  let connection = 0
  const amount = requests.reduce((sum, list) => sum + list.length, 0)
  const began = performance.now()
  const result = await autocannon({
    url,
    connections: requests.length,
    timeout: 20,
    setupClient: (client) => {
      const own = requests[connection++ % requests.length] ?? []
      client.setRequests(
        own.map(({ path, token, body }) => ({
          method: 'POST',
          path,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body,
        })),
      )
    },
    ...(seconds === undefined ? { amount } : { duration: seconds }),
  })
  const answers: Record<string, number> = {}
  for (const [status, { count }] of Object.entries(result.statusCodeStats)) answers[status] = count
  if (result.errors > 0) answers.none = result.errors
  // Its own duration is rounded up to whole seconds when it ends by amount.
  return { seconds: seconds === undefined ? (performance.now() - began) / 1_000 : result.duration, answers }
}

serveParent(load)
