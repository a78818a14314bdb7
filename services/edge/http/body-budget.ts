import { PodiumError } from '#platform/errors'

/** Bytes of unfinished bodies that all known senders together may have kept. */
const KNOWN_BYTES = 64 * 1024 * 1024

/** The same of all others: guests, and those whose token is being verified. */
const UNKNOWN_BYTES = 8 * 1024 * 1024

/** The part of one body that has come so far. */
export interface KeptBody {
  /** Refuses when there is no room for it. */
  keep(chunk: Buffer): void
  chunks(): readonly Buffer[]
  /** To be called once, whatever becomes of the body. */
  release(): void
}

export interface BodyBudget {
  /**
   * Asks who sends the body before anything of it is kept; only while that takes time (a signature) it is kept at the expense
   * of those who are not known. `refuse` is called with what was thrown, or with `unavailable`.
   */
  open(preauthenticate: () => boolean | Promise<boolean>, refuse: (error: unknown) => void): KeptBody
}

interface Quota {
  held: number
  readonly max: number
}

export const createBodyBudget = (knownBytes = KNOWN_BYTES, unknownBytes = UNKNOWN_BYTES): BodyBudget => {
  const known: Quota = { held: 0, max: knownBytes }
  const unknown: Quota = { held: 0, max: unknownBytes }

  return {
    open: (preauthenticate, refuse) => {
      const chunks: Buffer[] = []
      let quota = unknown
      let held = 0
      let isOver = false

      const trust = (isKnown: boolean): void => {
        if (isOver || !isKnown) return
        quota.held -= held
        quota = known
        quota.held += held
      }
      const body: KeptBody = {
        keep: (chunk) => {
          if (isOver) return
          if (quota.held + chunk.length > quota.max) {
            refuse(new PodiumError('unavailable'))
            return
          }
          held += chunk.length
          quota.held += chunk.length
          chunks.push(Buffer.from(chunk))
        },
        chunks: () => chunks,
        release: () => {
          isOver = true
          quota.held -= held
          held = 0
        },
      }
      try {
        const isKnown = preauthenticate()
        if (isKnown instanceof Promise) isKnown.then(trust, refuse)
        else trust(isKnown)
      } catch (error) {
        isOver = true
        refuse(error)
      }
      return body
    },
  }
}
