import { callListener } from './listeners.ts'

/** A value that tells when it changes. */
export interface Signal<T> {
  readonly value: T
  /** Nobody is told of a value that is the same as before. */
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
