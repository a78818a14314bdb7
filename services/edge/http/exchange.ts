import type { HttpResponse } from 'uWebSockets.js'

/** A response that may lose its client at any time. */
export interface Exchange {
  /** False once the client went away or the response was ended; the driver's object must not be touched then. */
  isOpen(): boolean
  /** Runs once when the client goes away before the response was ended; at once if it already did. */
  onClose(listener: () => void): void
  /**
   * Takes the response over: the server writes nothing to it any more. Undefined when the client has gone. The caller that ends
   * the response himself calls `ended` right after.
   */
  take(): HttpResponse | undefined
  isTaken(): boolean
  ended(): void
}

/** Must be called before the driver's callback returns or awaits anything. */
export const createExchange = (res: HttpResponse): Exchange => {
  let state: 'open' | 'gone' | 'ended' = 'open'
  let taken = false
  const listeners: (() => void)[] = []
  res.onAborted(() => {
    if (state !== 'open') return
    state = 'gone'
    for (const listener of listeners) listener()
  })
  return {
    isOpen: () => state === 'open',
    onClose: (listener) => {
      if (state === 'gone') listener()
      else listeners.push(listener)
    },
    take: () => {
      if (state !== 'open') return undefined
      taken = true
      return res
    },
    isTaken: () => taken,
    ended: () => {
      if (state === 'open') state = 'ended'
    },
  }
}
