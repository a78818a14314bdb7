/** What is known of a person as a player of one session. */
export interface Trace {
  readonly sessionId: string
  readonly playerId: string
}

/** What is left of it. */
export interface ErasedTrace extends Trace {
  /** That of the tokens that are void now is smaller. */
  readonly generation: number
  /** Joined players of the session now. */
  readonly playerCount: number
}

export interface Erasure {
  readonly traces: readonly Trace[]
  /** Quizzes and sessions of this user as a host, which are not touched. */
  readonly hosted: { readonly quizzes: number; readonly sessions: number }
}

/** Where persons are kept. */
export interface PersonStore {
  find(userId: string): Promise<Erasure>
  /** Idempotent; undefined when there is nothing left to erase. */
  erase(sessionId: string, userId: string): Promise<ErasedTrace | undefined>
}

/** Tells the edges, which know names and let tokens in. Lossy. */
export interface ErasureNews {
  announce(erased: ErasedTrace): void
}

/**
 * Erases a person: the nickname and who the player was. Everything that was played stays, under an id that nobody can trace
 * back; ledgers, totals and boards never held anything else. The player's tokens are void afterwards, and a seat in a
 * session that is not over is free. Calls `onErased` after each session.
 */
export const createEraseUser =
  ({ persons, news }: { readonly persons: PersonStore; readonly news: ErasureNews }) =>
  async (
    userId: string,
    options: { readonly dryRun: boolean; readonly onErased: (trace: Trace) => void },
  ): Promise<Erasure> => {
    const erasure = await persons.find(userId)
    for (const trace of erasure.traces) {
      if (!options.dryRun) {
        const erased = await persons.erase(trace.sessionId, userId)
        if (erased !== undefined) news.announce(erased)
      }
      options.onErased(trace)
    }
    return erasure
  }
