/**
 * When a question opens for the players of this edge, on its monotonic clock.
 *
 * An edge that hears the announcement counts from there, so that no wall clocks are compared. One that reads it later can
 * only translate the announced time by its wall clock, and an error of that clock must not open the question before it
 * could have been announced, nor after it has closed.
 */
export interface OpeningInput {
  readonly questionId: string
  /** Announced times, wall clock of whoever opened the question. */
  readonly opensAtMs: number
  readonly closesAtMs: number
  /** From the announcement to the opening; undefined when the message is not the announcement. */
  readonly opensInMs: number | undefined
  /** The message was heard when it was made, not read later. */
  readonly isLive: boolean
}

/** What the edge held before. */
export interface KnownOpening {
  readonly questionId: string
  readonly opensAtMs: number
  readonly opensAt: number
}

/** Longest time by which a question is announced ahead. */
const MAX_LEAD_MS = 1_000

export const openingOf = (
  input: OpeningInput,
  known: KnownOpening | undefined,
  clocks: { readonly now: number; readonly monotonic: number },
): KnownOpening => {
  const { questionId, opensAtMs, closesAtMs, opensInMs, isLive } = input
  const isKnown = known?.questionId === questionId && known.opensAtMs === opensAtMs
  if (isKnown) return known
  if (isLive && opensInMs !== undefined) return { questionId, opensAtMs, opensAt: clocks.monotonic + opensInMs }
  const lead = Math.min(opensAtMs - clocks.now, opensInMs ?? MAX_LEAD_MS)
  return { questionId, opensAtMs, opensAt: clocks.monotonic + Math.max(lead, opensAtMs - closesAtMs) }
}
