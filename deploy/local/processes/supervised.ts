import { setTimeout as sleep } from 'node:timers/promises'
import { describeExit, type Exit } from './child.ts'
import type { ManagedProcess } from './managed.ts'

export type Supervised = {
  readonly pid: number | undefined
  /** How often it was started again after it had died. */
  readonly restarts: number
  /** Resolves when it answers. Rejects, and leaves it down, when it does not come up: only what once ran is started again. */
  start(): Promise<void>
  /** Down until `start`. */
  stop(): Promise<void>
  /** As `ManagedProcess.kill`; what dies of it is started again. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Resolves when it answers, at once or after the restarts that takes; rejects after the deadline (default 30 s). */
  ready(timeoutMs?: number): Promise<void>
  /** No more restarts from now on. */
  release(): void
}

const firstDelayMs = 100
const longestDelayMs = 10_000
/** Who ran for this long is not in a crash loop; the delay starts small again. */
const stableAfterMs = 10_000

/** Starts a process again whenever it dies, each time a little later. */
export const supervise = (managed: ManagedProcess, onEvent: (text: string) => void): Supervised => {
  let wanted = false
  let up = false
  let upSince = 0
  let restarts = 0
  let delayMs = firstDelayMs
  let pause = new AbortController()
  const waiting = new Set<() => void>()

  const startOnce = async (): Promise<void> => {
    await managed.start()
    if (managed.pid === undefined) throw new Error(`${managed.name} died right after its start`)
    up = true
    upSince = performance.now()
    for (const resume of waiting) resume()
    waiting.clear()
  }

  const revive = async (exit: Exit): Promise<void> => {
    let reason = `died (${describeExit(exit)})`
    if (performance.now() - upSince > stableAfterMs) delayMs = firstDelayMs
    while (wanted) {
      onEvent(`${managed.name} ${reason}, restarting in ${delayMs} ms`)
      await sleep(delayMs, undefined, { signal: pause.signal }).catch(() => undefined)
      if (!wanted) return
      delayMs = Math.min(delayMs * 2, longestDelayMs)
      restarts++
      try {
        await startOnce()
        onEvent(`${managed.name} is back (process ${managed.pid})`)
        return
      } catch (error) {
        reason = `did not come back: ${error instanceof Error ? error.message : error}`
      }
    }
  }

  managed.watch({
    exited(exit) {
      if (!up) return // the caller of start sees it
      up = false
      if (wanted) void revive(exit)
    },
  })

  const release = () => {
    wanted = false
    pause.abort()
  }

  return {
    get pid() {
      return managed.pid
    },
    get restarts() {
      return restarts
    },
    async start() {
      pause = new AbortController()
      wanted = true
      try {
        await startOnce()
      } catch (error) {
        wanted = false
        throw error
      }
    },
    async stop() {
      release()
      await managed.stop()
    },
    kill: (signal) => managed.kill(signal),
    ready: (timeoutMs = 30_000) =>
      new Promise((resolve, reject) => {
        if (up) return resolve()
        const resume = () => {
          clearTimeout(timer)
          resolve()
        }
        const timer = setTimeout(() => {
          waiting.delete(resume)
          reject(new Error(`${managed.name} was not ready within ${timeoutMs} ms`))
        }, timeoutMs)
        waiting.add(resume)
      }),
    release,
  }
}
