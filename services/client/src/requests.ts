import type { Message } from './connection.ts'
import { clientProblem, type PodiumProblem, problemFrom } from './problem.ts'

/** Requests over a WebSocket: each carries a `ref`, which comes back with its reply. */
export interface Requests {
  /** @throws PodiumProblem the refusal, `client-network` when it cannot be sent or the connection is lost, `client-timeout` */
  request<T>(type: string, data: unknown, timeoutMs: number, traceparent?: string): Promise<T>
  /** True when the message was a reply. */
  settle(message: Message): boolean
  /** The connection is gone, and with it every reply. */
  fail(problem: PodiumProblem): void
}

interface Waiter {
  resolve(data: unknown): void
  reject(problem: PodiumProblem): void
}

export const createRequests = (send: (text: string) => boolean): Requests => {
  const waiters = new Map<string, Waiter>()
  let next = 1

  return {
    request: <T>(type: string, data: unknown, timeoutMs: number, traceparent?: string) =>
      new Promise<T>((resolve, reject) => {
        const ref = String(next++)
        const timer = setTimeout(() => {
          waiters.get(ref)?.reject(clientProblem('client-timeout', `no reply within ${timeoutMs} ms`))
        }, timeoutMs)
        const leave = () => {
          clearTimeout(timer)
          waiters.delete(ref)
        }
        waiters.set(ref, {
          resolve: (reply) => {
            leave()
            resolve(reply as T)
          },
          reject: (problem) => {
            leave()
            reject(problem)
          },
        })
        if (!send(JSON.stringify({ type, ref, traceparent, data }))) {
          waiters.get(ref)?.reject(clientProblem('client-network', 'the WebSocket is not open'))
        }
      }),
    settle: ({ type, ref, data }) => {
      const waiter = ref === undefined ? undefined : waiters.get(String(ref))
      if (waiter === undefined) return ref !== undefined
      if (type === 'error') waiter.reject(problemFrom(data, 0))
      else waiter.resolve(data)
      return true
    },
    fail: (problem) => {
      for (const waiter of [...waiters.values()]) waiter.reject(problem)
    },
  }
}
