/** Where one player of a board stands. Absolute: of two standings of a player the newer one is the truth. */
export interface Standing {
  readonly playerId: string
  /** The player's place in the order of joining. */
  readonly joinOrder: number
  /** Scored answers in it; the higher version is the newer one. */
  readonly version: number
  readonly score: number
  readonly correctAnswers: number
  /** Sum of the answering times of the correct answers. */
  readonly correctMs: number
  /** Correct answers in a row up to the latest answered question. */
  readonly streak: number
  /** Bit i (bit i % 8 of byte i / 8) is set when question i was answered. */
  readonly answered: Uint8Array
  /** Off the board for good, whatever else arrives. */
  readonly removed: boolean
}

/** True when `candidate` replaces `known`. A removal is newer than everything, and nothing is newer than a removal. */
export const isNewer = (candidate: Standing, known: Standing): boolean =>
  !known.removed && (candidate.removed || candidate.version > known.version)

/** The newest standing of each player, in the order in which players first appear. */
export const newestOf = (standings: Iterable<Standing>): readonly Standing[] => {
  const newest = new Map<string, Standing>()
  for (const standing of standings) {
    const known = newest.get(standing.playerId)
    if (known === undefined || isNewer(standing, known)) newest.set(standing.playerId, standing)
  }
  return [...newest.values()]
}
