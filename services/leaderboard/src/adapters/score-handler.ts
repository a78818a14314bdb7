import { ACK, type BatchHandler, RETRY, reject, type Verdict } from '#lib/consumer'
import { PodiumError } from '#lib/errors'
import type { ApplyOutcome } from '../app/apply-standings.ts'
import type { Standing } from '../domain/standing.ts'
import { decodeScores } from './score-decoder.ts'

/** @throws PodiumError `unavailable` when it should be tried again later. */
export type Apply = (sessionId: string, standings: readonly Standing[]) => Promise<ApplyOutcome>

interface SessionWork {
  readonly standings: Standing[]
  /** Places of the deliveries in the batch. */
  readonly places: number[]
}

/** Decodes SCORES messages, applies them once per session, and says what becomes of each. */
export const createScoreHandler =
  (apply: Apply): BatchHandler =>
  async (deliveries) => {
    const verdicts: Verdict[] = deliveries.map(() => RETRY)
    const sessions = new Map<string, SessionWork>()
    for (const [place, { subject, payload }] of deliveries.entries()) {
      const decoded = decodeScores(subject, payload)
      if (typeof decoded === 'string') {
        verdicts[place] = reject(decoded)
        continue
      }
      const work = sessions.get(decoded.sessionId) ?? { standings: [], places: [] }
      sessions.set(decoded.sessionId, work)
      for (const standing of decoded.standings) work.standings.push(standing)
      work.places.push(place)
    }
    await Promise.all(
      Array.from(sessions, async ([sessionId, { standings, places }]) => {
        const verdict = await verdictOf(apply, sessionId, standings)
        for (const place of places) verdicts[place] = verdict
      }),
    )
    return verdicts
  }

const verdictOf = async (apply: Apply, sessionId: string, standings: readonly Standing[]): Promise<Verdict> => {
  try {
    const outcome = await apply(sessionId, standings)
    if (outcome === 'unavailable') return RETRY
    return outcome === 'applied' ? ACK : reject(outcome)
  } catch (err) {
    if (err instanceof PodiumError && err.canRetry) return RETRY
    throw err
  }
}
