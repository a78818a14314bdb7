import type { EventOf, EventType, PodiumEvent } from './documents.ts'
import { clientProblem, type PodiumProblem } from './problem.ts'

type Listener = (event: PodiumEvent) => void

export interface NextOptions<T extends EventType> {
  /** Default 10 000; Infinity waits as long as the stream lives. */
  readonly timeoutMs?: number
  /** Waits for an event whose data it accepts. */
  readonly where?: (data: EventOf<T>['data']) => boolean
}

/** Who listens to which type of event of one stream. */
export interface Listeners {
  on(type: EventType | '*', listener: Listener): () => void
  next<T extends EventType>(type: T, options?: NextOptions<T>): Promise<EventOf<T>>
  emit(event: PodiumEvent): void
  /** Rejects all waiters. */
  fail(problem: PodiumProblem): void
}

/** A listener that throws is the app's fault: shown where uncaught errors are, while the stream and all others continue. */
export const callListener = <T>(listener: (value: T) => void, value: T): void => {
  try {
    listener(value)
  } catch (error) {
    setTimeout(() => {
      throw error
    })
  }
}

export const createListeners = (): Listeners => {
  const listeners = new Map<string, Set<Listener>>()
  const waiting = new Set<(problem: PodiumProblem) => void>()

  const on = (type: EventType | '*', listener: Listener) => {
    const set = listeners.get(type) ?? new Set()
    // One entry per call, so that the same function given twice is called twice and taken off one at a time.
    const entry: Listener = (event) => listener(event)
    listeners.set(type, set.add(entry))
    return () => void set.delete(entry)
  }

  return {
    on,
    emit: (event) => {
      for (const key of [event.type, '*']) {
        for (const listener of [...(listeners.get(key) ?? [])]) callListener(listener, event)
      }
    },
    fail: (problem) => {
      for (const reject of [...waiting]) reject(problem)
    },
    next: <T extends EventType>(type: T, { timeoutMs = 10_000, where }: NextOptions<T> = {}) =>
      new Promise<EventOf<T>>((resolve, reject) => {
        const leave = () => {
          clearTimeout(timer)
          off()
          waiting.delete(fail)
        }
        const fail = (problem: PodiumProblem) => {
          leave()
          reject(problem)
        }
        const late = () => fail(clientProblem('client-timeout', `no ${type} in ${timeoutMs} ms`))
        const timer = Number.isFinite(timeoutMs) ? setTimeout(late, timeoutMs) : undefined
        const off = on(type, (event) => {
          const found = event as EventOf<T>
          if (where !== undefined && !where(found.data)) return
          leave()
          resolve(found)
        })
        waiting.add(fail)
      }),
  }
}

/** A value that tells when it changes. */
export interface Signal<T> {
  readonly value: T
  /** Listeners are not called with the same value again. */
  set(value: T): void
  /** Returns the function that takes the listener off. */
  on(listener: (value: T) => void): () => void
}

export const createSignal = <T>(first: T): Signal<T> => {
  const listeners = new Set<{ readonly call: (value: T) => void }>()
  let value = first
  return {
    get value() {
      return value
    },
    set: (next) => {
      if (next === value) return
      value = next
      for (const { call } of [...listeners]) callListener(call, next)
    },
    on: (call) => {
      // One entry per call, so that the same function given twice is called twice and taken off one at a time.
      const entry = { call }
      listeners.add(entry)
      return () => void listeners.delete(entry)
    },
  }
}
