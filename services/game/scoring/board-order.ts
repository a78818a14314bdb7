import type { Standing } from '../../leaderboard/standing.ts'

type Placed = Pick<Standing, 'score' | 'correctMs' | 'joinOrder'>

/** The order of a board: score down, time of correct answers up, order of joining up. Negative when `a` is first. */
export const compareStandings = (a: Placed, b: Placed): number =>
  b.score - a.score || a.correctMs - b.correctMs || a.joinOrder - b.joinOrder

export interface Ranked<S> {
  /** 1 is the best. Equal score and equal time share a rank, and the next one counts them all: 1, 2, 2, 4. */
  readonly rank: number
  readonly standing: S
}

/** Everybody who is on the board, best first. */
export const rankStandings = <S extends Placed & Pick<Standing, 'removed'>>(
  standings: Iterable<S>,
): readonly Ranked<S>[] => {
  const ranked: Ranked<S>[] = []
  const sorted = [...standings].filter(({ removed }) => !removed).sort(compareStandings)
  for (const [index, standing] of sorted.entries()) {
    const above = ranked[index - 1]
    const shared =
      above !== undefined && above.standing.score === standing.score && above.standing.correctMs === standing.correctMs
    ranked.push({ rank: shared ? above.rank : index + 1, standing })
  }
  return ranked
}
