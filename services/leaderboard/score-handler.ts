import { ACK, type BatchHandler, RETRY, reject, type Verdict } from '#platform/consumer'
import { PodiumError } from '#platform/errors'
import type { Span, Tracing } from '#platform/telemetry'
import { noTracing } from '#platform/telemetry/tracing'
import type { ApplyOutcome } from './apply-standings.ts'
import type { Origin } from './ports.ts'
import { decodeScores, type SessionStandings } from './score-decoder.ts'
import type { Standing } from './standing.ts'

/** @throws PodiumError `unavailable` when it should be tried again later. */
export type Apply = (sessionId: string, standings: readonly Standing[], origin: Origin) => Promise<ApplyOutcome>

interface SessionWork {
  readonly standings: Standing[]
  /** Places of the deliveries in the batch. */
  readonly places: number[]
  readonly spans: Span[]
  firstReceivedAtMs: number
}

/** Decodes SCORES messages, applies them once per session, and says what becomes of each. */
export const createScoreHandler =
  (apply: Apply, tracing: Tracing = noTracing): BatchHandler =>
  async (deliveries) => {
    const verdicts: Verdict[] = deliveries.map(() => ACK)
    const settle = (place: number, verdict: Verdict): void => {
      verdicts[place] = graver(verdicts[place] ?? ACK, verdict)
    }
    const sessions = new Map<string, SessionWork>()
    for (const [place, { subject, payload, span }] of deliveries.entries()) {
      for (const decoded of decodeScores(subject, payload)) {
        if (typeof decoded === 'string') settle(place, reject(decoded))
        else addTo(sessions, decoded, place, span)
      }
    }
    await Promise.all(
      Array.from(sessions, async ([sessionId, { standings, places, spans, firstReceivedAtMs }]) => {
        const origin = { firstReceivedAtMs, span: tracing.join(spans) }
        const verdict = await verdictOf(apply, sessionId, standings, origin)
        for (const place of places) settle(place, verdict)
      }),
    )
    return verdicts
  }

const addTo = (
  sessions: Map<string, SessionWork>,
  { sessionId, standings, firstReceivedAtMs }: SessionStandings,
  place: number,
  span: Span | undefined,
): void => {
  const work = sessions.get(sessionId) ?? { standings: [], places: [], spans: [], firstReceivedAtMs: 0 }
  sessions.set(sessionId, work)
  for (const standing of standings) work.standings.push(standing)
  work.places.push(place)
  work.firstReceivedAtMs = earlier(work.firstReceivedAtMs, firstReceivedAtMs)
  if (span !== undefined) work.spans.push(span)
}

const GRAVITY = { ack: 0, reject: 1, retry: 2 } as const

/** A message of several sessions is settled when all of it is; a part that is wrong does not keep the rest from the boards. */
const graver = (a: Verdict, b: Verdict): Verdict => (GRAVITY[b.kind] > GRAVITY[a.kind] ? b : a)

/** 0 is no time. */
const earlier = (a: number, b: number): number => (a === 0 || b === 0 ? Math.max(a, b) : Math.min(a, b))

const verdictOf = async (
  apply: Apply,
  sessionId: string,
  standings: readonly Standing[],
  origin: Origin,
): Promise<Verdict> => {
  try {
    const outcome = await apply(sessionId, standings, origin)
    if (outcome === 'unavailable') return RETRY
    return outcome === 'applied' ? ACK : reject(outcome)
  } catch (err) {
    if (err instanceof PodiumError && err.canRetry) return RETRY
    throw err
  }
}
