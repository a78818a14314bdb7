import type { EdgeBoard } from './edge-check.ts'

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
