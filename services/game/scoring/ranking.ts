export interface Standing {
  readonly score: number
  /** Sum of the answering times of the correct answers. */
  readonly correctMs: number
  readonly joinOrder: number
}

/** Score, highest first, then answering time, shortest first, then the order of joining. */
export const compareStandings = (a: Standing, b: Standing): number =>
  b.score - a.score || a.correctMs - b.correctMs || a.joinOrder - b.joinOrder

/** In order, each with its rank. Equal score and time share a rank; the next rank counts those before it (1, 2, 2, 4). */
export const ranked = <T extends Standing>(standings: readonly T[]): readonly (T & { readonly rank: number })[] => {
  let previous: (T & { readonly rank: number }) | undefined
  return standings.toSorted(compareStandings).map((standing, place) => {
    const shares = previous?.score === standing.score && previous.correctMs === standing.correctMs
    previous = { ...standing, rank: shares && previous !== undefined ? previous.rank : place + 1 }
    return previous
  })
}
