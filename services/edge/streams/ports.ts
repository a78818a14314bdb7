import type { LobbyUpdate, PlayerTakeover } from '#gen/lobby_pb'
import type { EarnedBatch } from '#gen/score_pb'
import type { Seat } from '../board/board.ts'
import type { Totals } from '../board/board-order.ts'
import type { PlayerPrincipal, Principal } from '../ports.ts'
import type { CloseReason } from './close.ts'
import type { Frame, OwnMembers } from './frame.ts'
import type { Presence } from './presence-counts.ts'
import type { AnswersBehind } from './visibility.ts'

/** A change of a board: who is at (epoch, from) is at (epoch, to) afterwards. */
export interface BoardDelta {
  /** Grows with every rebuild of the board. */
  readonly epoch: number
  readonly from: number
  readonly to: number
  readonly entries: readonly Totals[]
  /** The answers that it shows, as far as they are measured. */
  readonly answers?: AnswersBehind
}

export interface BoardSnapshot {
  readonly epoch: number
  readonly version: number
  readonly entries: readonly Totals[]
}

/** Where boards come from. */
export interface BoardSource {
  /** Deltas from now on: in order, possibly with holes. Must not throw. The result ends it. */
  subscribe(sessionId: string, listener: (delta: BoardDelta) => void): () => void
  /** The whole board, not older than the call. @throws PodiumError `unavailable` */
  snapshot(sessionId: string): Promise<BoardSnapshot>
}

/** Other live news of a session: in order, possibly with holes. Listeners must not throw. The results end it. */
export interface SessionNews {
  earned(sessionId: string, listener: (batch: EarnedBatch) => void): () => void
  lobby(sessionId: string, listener: (update: LobbyUpdate) => void): () => void
  takeovers(sessionId: string, listener: (takeover: PlayerTakeover) => void): () => void
}

/** Tokens of a player with a smaller generation are out of date. */
export interface TakeoverNote {
  readonly playerId: string
  readonly generation: number
}

/** What one edge tells the others about one session. */
export interface PresenceReport {
  readonly sessionId: string
  readonly edgeId: string
  readonly connected: Presence
  /** The others report at once. */
  readonly asks: boolean
  readonly takeovers: readonly TakeoverNote[]
}

/** Between the edges. Reports may be lost; also the own ones come back. */
export interface PresenceChannel {
  /** Never throws. */
  publish(report: PresenceReport): void
  /** Must not throw. The result ends it. */
  subscribe(sessionId: string, listener: (report: PresenceReport) => void): () => void
}

/** Nicknames on demand. */
export interface RosterSource {
  /** Nicknames by player id; unknown players are absent. @throws PodiumError `unavailable` */
  nicknames(sessionId: string, playerIds: readonly string[]): Promise<ReadonlyMap<string, string>>
}

/** Somebody who may have a stream. */
export interface Admission {
  readonly principal: Principal
  readonly sessionId: string
  readonly player: PlayerPrincipal | undefined
}

/** One connected client, whatever the protocol. Nothing here throws, also after the connection is gone. */
export interface StreamClient {
  /** Undefined for the host. */
  readonly player: PlayerPrincipal | undefined
  /** Position of the last event that this client has; set by whoever sends. */
  position: number
  /** The player's seat on the board, once it was looked up; set by whoever sends. */
  seat: Seat | undefined
  isOpen(): boolean
  /** In order and without loss; a client that cannot take it is closed. */
  deliver(frame: Frame, own?: OwnMembers): void
  /** State of which only the newest matters: a client that is behind gets the last of each type when it can take it. */
  show(frame: Frame, own?: OwnMembers): void
  close(reason: CloseReason): void
  /** Called about once a second: heartbeat, expiry, stalled connections. Times as of `Clock`. */
  sweep(now: number, monotonic: number): void
}
