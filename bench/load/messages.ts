import type { Pattern } from './schedule.ts'

/** What the generator's process is told, and what it says. Plain data: it travels as JSON. */
export type Order = Prepare | PlayWave

/** Once, before the first wave. */
export interface Prepare {
  readonly type: 'prepare'
  readonly port: number
  /** HTTP connections that the players without a WebSocket share. */
  readonly connections: number
  readonly players: readonly LoadPlayer[]
}

export interface LoadPlayer {
  readonly sessionId: string
  readonly playerId: string
  readonly token: string
  /** Answers over a WebSocket of its own; what its answer earned comes back over it. */
  readonly hasSocket: boolean
  /** Its session is a small one with everybody on the board: one of them sees when the others' scores appear. */
  readonly isWatched: boolean
  /** This is the one. */
  readonly watches: boolean
}

/** Everybody answers the open question of their session once. */
export interface PlayWave {
  readonly type: 'wave'
  readonly pattern: Pattern
  readonly seed: number
  /** By session id. */
  readonly questionIds: Readonly<Record<string, string>>
  readonly rightChoice: number
}

export interface WaveReport {
  readonly sent: number
  readonly accepted: number
  /** Problem code or status → how often. */
  readonly refused: Readonly<Record<string, number>>
  readonly unanswered: number
  /** Scores that were not on the other phone, or not on the own one, in time. */
  readonly unseen: number
  /** When the first answer was meant to be sent, and when the last was accepted, in epoch milliseconds. */
  readonly startedAt: number
  readonly acceptedAt: number
  /** Of the generator, without the making of the requests. */
  readonly cpuMicros: number
  /** Encoded. */
  readonly latencies: Readonly<Record<Measure, string>>
}

/** What is timed, from the intended sending time; `lag` is how late the generator itself was. */
export const MEASURES = ['accepted', 'ownScore', 'visible', 'lag'] as const
export type Measure = (typeof MEASURES)[number]
