import type { BoardRecord } from './board-check.ts'
import type { Differences } from './compare.ts'
import type { Standing } from './records.ts'

/** The edge's answer to GET /v1/sessions/{id}/leaderboard. */
export interface EdgeBoard {
  readonly version: number
  readonly playerCount: number
  readonly top: readonly {
    readonly rank: number
    readonly playerId: string
    readonly nickname: string
    readonly score: number
    readonly correctAnswers: number
  }[]
}

const FIELDS = ['rank', 'score', 'correctAnswers', 'nickname'] as const

/** The public version of a board: its epoch in the upper bits, so that it also grows when the board is rebuilt. */
export const publicVersion = (epoch: number, version: number): number => epoch * 2 ** 32 + version

export const checkEdge = (
  standings: readonly Standing[],
  edge: EdgeBoard,
  board: BoardRecord,
  limit: number,
  subjectOf: (playerId: string) => string,
  differences: Differences,
): void => {
  differences.compare('edge', 'the leaderboard', 'players', standings.length, edge.playerCount)
  if (board.epoch !== undefined && board.version !== undefined) {
    const expected = publicVersion(board.epoch, board.version)
    differences.compare('edge', 'the leaderboard', 'version', expected, edge.version)
  }
  const expectedTop = standings.slice(0, limit)
  differences.compare('edge', 'the leaderboard', 'entries', expectedTop.length, edge.top.length)
  for (const [place, expected] of expectedTop.entries()) {
    const found = edge.top[place]
    if (found === undefined) break
    differences.compare('edge', `place ${place + 1}`, 'player', expected.playerId, found.playerId)
    if (found.playerId !== expected.playerId) continue
    const subject = subjectOf(expected.playerId)
    for (const field of FIELDS) differences.compare('edge', subject, field, expected[field], found[field])
  }
}

const TIMEOUT_MS = 5_000
/** The most that the edge gives. */
export const EDGE_ENTRIES = 100

/** The leaderboard as a client gets it. @throws when the edge does not answer, or refuses */
export const readEdgeBoard = async (edgeUrl: string, token: string, sessionId: string): Promise<EdgeBoard> => {
  const url = `${edgeUrl.replace(/\/+$/, '')}/v1/sessions/${sessionId}/leaderboard?limit=${EDGE_ENTRIES}`
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  if (response.status !== 200) throw new Error(`the edge answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as EdgeBoard
}
