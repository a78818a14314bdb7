import type { PlayerPrincipal } from './ports.ts'

/** Which token generations of a session's players are out of date, as far as takeovers were heard of. */
export interface Takeovers {
  note(playerId: string, generation: number): void
  isReplaced(player: PlayerPrincipal | undefined): boolean
}

export const createTakeovers = (): Takeovers => {
  /** At most one per player of the session. */
  const newest = new Map<string, number>()
  return {
    note: (playerId, generation) => {
      newest.set(playerId, Math.max(generation, newest.get(playerId) ?? 0))
    },
    isReplaced: (player) => player !== undefined && player.generation < (newest.get(player.playerId) ?? 0),
  }
}
