import type { PlayerPrincipal } from '../ports.ts'
import type { TakeoverNote } from './ports.ts'

/** Notes passed on to another edge. */
const MAX_NOTES = 1_000

/** A player's first token; nobody was replaced by it. */
const FIRST_GENERATION = 1

/** Which token generations of a session's players are out of date, as far as takeovers were heard of. */
export interface Takeovers {
  /** There is a token of this generation: older ones are out of date. True when that is news. */
  note(takeover: TakeoverNote): boolean
  isReplaced(player: PlayerPrincipal | undefined): boolean
  /** What to tell an edge that was not there: the newest of it. */
  known(): readonly TakeoverNote[]
}

export const createTakeovers = (): Takeovers => {
  /** At most one per player of the session. */
  const newest = new Map<string, number>()
  return {
    note: ({ playerId, generation }) => {
      if (generation <= (newest.get(playerId) ?? FIRST_GENERATION)) return false
      newest.delete(playerId) // to the end
      newest.set(playerId, generation)
      return true
    },
    isReplaced: (player) => player !== undefined && player.generation < (newest.get(player.playerId) ?? 0),
    known: () => [...newest].slice(-MAX_NOTES).map(([playerId, generation]) => ({ playerId, generation })),
  }
}
