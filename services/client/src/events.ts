import type { Entry, Leaderboard, Presence, PublicQuestion, Reveal, SessionState } from './documents.ts'

export interface Standing {
  readonly rank: number
  readonly score: number
}

interface At {
  readonly at: number
}

/** The payload of every message of a stream, by its type; the descriptions are in proto/asyncapi.yaml. */
export interface EventData {
  'session.snapshot': SessionState & { readonly leaderboard: Leaderboard; readonly now: number }
  'stream.resumed': { readonly replayed: number }
  'lobby.updated': {
    readonly playerCount: number
    readonly joined: readonly string[]
    readonly left: readonly string[]
  }
  /** For the host: who is connected. */
  'presence.updated': Presence
  'session.starting': { readonly startsAt: number }
  'question.opened': PublicQuestion
  'question.closed': Reveal
  /** Private: what the player's own answer earned. */
  'score.updated': {
    readonly questionId: string
    readonly correct?: boolean
    readonly points: number
    readonly score: number
    readonly streak: number
  }
  'leaderboard.updated': {
    readonly version: number
    readonly playerCount: number
    readonly top: readonly Entry[]
    readonly me?: Standing
  }
  'session.paused': At & { readonly reason: string; readonly remainingMs?: number }
  'session.resumed': At & { readonly reason: string; readonly question?: PublicQuestion }
  'session.locked': At
  'session.unlocked': At
  'session.cancelled': At
  'session.finished': { readonly top: readonly Entry[]; readonly playerCount: number; readonly me?: Standing }
  /** Private; the stream ends. */
  'player.removed': At
  /** Private; the player continues on another device and this stream ends. */
  'player.replaced': At
}

export type EventType = keyof EventData

export interface EventOf<T extends EventType> {
  readonly type: T
  /** Position of the event in the session; absent for state of which only the newest matters. */
  readonly id?: string
  readonly data: EventData[T]
}

/** Any message of a stream; `switch` on `type` narrows `data`. */
export type PodiumEvent = { [T in EventType]: EventOf<T> }[EventType]

export type SessionSnapshot = EventData['session.snapshot']

/** Events after which the server ends the stream for good. */
export const FINAL_EVENTS: Readonly<Record<string, 'player-removed' | 'player-replaced'>> = {
  'player.removed': 'player-removed',
  'player.replaced': 'player-replaced',
}
