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
  /** From the first request to the last answer. */
  readonly seconds: number
  /** Answers by status code, `none` for requests without one. */
  readonly answers: Readonly<Record<string, number>>
}

const load = async ({ url, requests, seconds }: HttpLoadTask): Promise<HttpLoadReport> => {
  let connection = 0
  const amount = requests.reduce((sum, list) => sum + list.length, 0)
  // Its own clock has whole seconds.
  let [firstAt, lastAt] = [Number.POSITIVE_INFINITY, 0]
  const result = await autocannon({
    url,
    connections: requests.length,
    timeout: 20,
    setupClient: (client) => {
      firstAt = Math.min(firstAt, performance.now())
      client.on('response', () => {
        lastAt = performance.now()
      })
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
  return { seconds: (lastAt - firstAt) / 1_000, answers }
}

serveParent(load)
