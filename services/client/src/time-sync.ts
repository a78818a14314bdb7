import type { ServerClock } from './server-clock.ts'
import { pause } from './waiting.ts'

/** Questions for the server's time after a connection was made; the one with the shortest round trip counts. */
const SAMPLES = 3
const GAP_MS = 300
const TIMEOUT_MS = 5_000

/** Asks the server for its time. Rejects when there is no answer within the time. */
export type AskTime = (timeoutMs: number) => Promise<{ readonly now: number }>

/** Asks once and tells the clock. Resolves false when there was no answer. Never rejects. */
export const sampleTime = async (ask: AskTime, clock: ServerClock, timeoutMs = TIMEOUT_MS): Promise<boolean> => {
  const sentAt = Date.now()
  try {
    const { now } = await ask(timeoutMs)
    if (!Number.isFinite(now)) return false
    clock.sample(sentAt, now, Date.now())
    return true
  } catch {
    return false // the connection is gone or slow; the next one is asked again
  }
}

/** Several samples, until one fails or the signal aborts. Never rejects. */
export const syncTime = async (ask: AskTime, clock: ServerClock, signal: AbortSignal): Promise<void> => {
  for (let count = 0; count < SAMPLES; count++) {
    if (count > 0) await pause(GAP_MS, signal)
    if (signal.aborted || !(await sampleTime(ask, clock))) return
  }
}
