/**
 * When a question opens for the players of this edge, on its monotonic clock.
 *
 * An edge that hears the announcement opens the question at the announced time: clients were promised that time, and the
 * announcement was some milliseconds under way. A wall clock that is wrong moves the opening by the lead at most: never
 * before the announcement was heard, never later than the lead after it. One that reads the announcement later can only
 * translate the announced time, and an error of its clock must not open the question before it could have been announced,
 * nor after it has closed.
 */
export interface OpeningInput {
  readonly questionId: string
  /** Announced times, wall clock of the `session` that opened the question. */
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
  const isHeard = isLive && opensInMs !== undefined
  // The wall clock says whole milliseconds: it may be almost one further than it says.
  const lead = Math.min(opensAtMs - clocks.now - 1, opensInMs ?? MAX_LEAD_MS)
  // One read after its end is over, not at its very end: an edge that has just started must not take late answers.
  const earliest = isHeard ? 0 : opensAtMs - closesAtMs - 1
  return { questionId, opensAtMs, opensAt: clocks.monotonic + Math.max(lead, earliest) }
}
