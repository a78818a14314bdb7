import { decodeTotals, decodeTotalsOfSeveral, type TotalsOfBatch } from '#platform/contract/codec/score'
import { subjects } from '#platform/contract/subjects'
import { isId } from '#platform/ids'
import type { Standing } from './standing.ts'

/** Reasons for a dead letter that are found before anything is looked up. */
export type DecodeFault = 'undecodable' | 'subject-mismatch' | 'invalid-totals'

export interface SessionStandings {
  readonly sessionId: string
  readonly standings: readonly Standing[]
  /** As in the message. */
  readonly firstReceivedAtMs: number
}

/** Above what a session can be created with. */
const MAX_JOIN_ORDER = 2 ** 24 - 1
const MAX_ANSWERED_BYTES = 2_048

/** The totals of one SCORES message by session, each checked in full; what else is in it is for others. */
export const decodeScores = (subject: string, payload: Uint8Array): readonly (SessionStandings | DecodeFault)[] => {
  try {
    if (subject === subjects.scores) return decodeTotalsOfSeveral(payload).map(check)
    const batch = decodeTotals(payload)
    return [subject === subjects.score(batch.sessionId) ? check(batch) : 'subject-mismatch']
  } catch {
    return ['undecodable']
  }
}

const check = ({ sessionId, totals, firstReceivedAtMs }: TotalsOfBatch): SessionStandings | DecodeFault =>
  isId(sessionId) && totals.every(isSound) ? { sessionId, standings: totals, firstReceivedAtMs } : 'invalid-totals'

const isSound = ({ playerId, joinOrder, answered }: Standing): boolean =>
  isId(playerId) && joinOrder <= MAX_JOIN_ORDER && answered.length <= MAX_ANSWERED_BYTES
