import type { Span } from '#platform/telemetry'
import type { Standing } from './standing.ts'
import type { PlayerTotals } from './totals.ts'

/** A state of a board. The epoch grows when it is built anew, the version, from 1, with every change within it. */
export interface BoardVersion {
  readonly epoch: number
  readonly version: number
}

/** What an apply did: the version before and after, equal when nothing changed, and the standings that changed. */
export interface Applied {
  readonly epoch: number
  readonly from: number
  readonly to: number
  readonly changed: readonly Standing[]
}

/** The answers that standings come from, as far as they are measured. */
export interface Origin {
  /** When the oldest arrived at its edge, milliseconds since the Unix epoch; 0 when there are none. */
  readonly firstReceivedAtMs: number
  /** Those that are followed. */
  readonly span: Span | undefined
}

export const NO_ORIGIN: Origin = { firstReceivedAtMs: 0, span: undefined }

export interface BoardContent extends BoardVersion {
  /** Everybody who is on the board, in no particular order. */
  readonly standings: readonly Standing[]
}

/**
 * The boards. A board is `lost` when it was never built, when the store has forgotten it, or when the store is not the
 * one it was built on; then it has to be rebuilt. All methods throw PodiumError `unavailable` while the store is away.
 */
export interface Boards {
  /**
   * Takes over what is newer than the board's (see isNewer), all of it at once. Each player once. Idempotent, in any
   * order, from any number of processes.
   */
  apply(sessionId: string, standings: readonly Standing[], span?: Span): Promise<Applied | 'lost'>
  /**
   * Writes a lost board. Of a board that is there only the epoch is raised. Answers with the version that is there
   * afterwards.
   */
  rebuild(sessionId: string, epoch: number, standings: readonly Standing[]): Promise<BoardVersion>
  read(sessionId: string): Promise<BoardContent | 'lost'>
  /** One outcome per session, in order. Changes nothing. */
  check(sessionIds: readonly string[]): Promise<readonly (BoardVersion | 'lost')[]>
}

export interface LedgerContent {
  readonly epoch: number
  readonly players: readonly PlayerTotals[]
}

export interface Ledger {
  /** Begins a new epoch of a board, greater than every one before, and reads every player of the session after that. */
  beginEpoch(sessionId: string): Promise<LedgerContent | 'unknown-session' | 'unavailable'>
}

export interface Announcer {
  /** Tells every edge, which may miss it: a hole in the versions makes it ask for a snapshot. */
  announce(sessionId: string, applied: Applied, origin?: Origin): void
}
