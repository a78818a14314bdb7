import type { Check, Difference, Standing } from './records.ts'

/** What became of one part of a verification. */
export interface CheckOutcome {
  readonly check: Check
  /** Things compared; undefined when the part was left out, for `reason`. */
  readonly compared: number | undefined
  readonly reason?: string
  readonly differences: number
}

export interface Report {
  readonly sessionId: string
  readonly title: string
  readonly status: string
  /** True when every part that was compared agrees with the ledger. */
  readonly equal: boolean
  readonly players: number
  /** Ledger rows. */
  readonly answers: number
  readonly checks: readonly CheckOutcome[]
  /** At most 10 000 of them; `differenceCount` counts all. */
  readonly differences: readonly Difference[]
  readonly differenceCount: number
  /** The ranking that the ledger adds up to. */
  readonly standings: readonly Standing[]
}
