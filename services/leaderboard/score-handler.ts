import type { ScoreBatch } from '#gen/score_pb'
import { ACK, type BatchHandler, RETRY, reject, type Verdict } from '#platform/consumer'
import { decodeScoreBatch, decodeScoreBatches } from '#platform/contract/codec/score'
import { subjects } from '#platform/contract/subjects'
import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { Span, Tracing } from '#platform/telemetry'
import { noTracing } from '#platform/telemetry/tracing'
import type { Totals } from '../game/scoring/totals.ts'
import type { BoardsUseCase } from './boards.ts'

/** Above what a session can be created with. */
const MAX_JOIN_ORDER = 2 ** 24 - 1
const MAX_ANSWERED_BYTES = 2_048

/** One session's part of all messages of a batch. */
interface SessionWork {
  readonly totals: Totals[]
  /** Places of the deliveries in the batch. */
  readonly places: number[]
  readonly spans: Span[]
  firstReceivedAtMs: number
}

/** Decodes SCORES messages, applies them once per session, and returns a verdict for each. */
export const createScoreHandler =
  (apply: BoardsUseCase['apply'], tracing: Tracing = noTracing): BatchHandler =>
  async (deliveries) => {
    const verdicts: Verdict[] = deliveries.map(() => ACK)
    const settle = (place: number, verdict: Verdict): void => {
      verdicts[place] = moreSevere(verdicts[place] ?? ACK, verdict)
    }
    const sessions = new Map<string, SessionWork>()
    for (const [place, { subject, payload, span }] of deliveries.entries()) {
      for (const checked of readScores(subject, payload)) {
        if (typeof checked === 'string') settle(place, reject(checked))
        else addTo(sessions, checked, place, span)
      }
    }
    await Promise.all(
      Array.from(sessions, async ([sessionId, { totals, places, spans, firstReceivedAtMs }]) => {
        const origin = { firstReceivedAtMs, span: tracing.join(spans) }
        const verdict = await verdictOf(apply(sessionId, totals, origin))
        for (const place of places) settle(place, verdict)
      }),
    )
    return verdicts
  }

/** The totals of one message by session, each checked in full, or why they are rejected; other fields are skipped. */
const readScores = (subject: string, payload: Uint8Array): readonly (ScoreBatch | string)[] => {
  try {
    if (subject === subjects.scores) return decodeScoreBatches(payload).map(check)
    const batch = decodeScoreBatch(payload)
    return [subject === subjects.score(batch.sessionId) ? check(batch) : 'subject-mismatch']
  } catch {
    return ['undecodable']
  }
}

const check = (batch: ScoreBatch): ScoreBatch | string =>
  isId(batch.sessionId) && batch.totals.every(isValid) ? batch : 'invalid-totals'

const isValid = ({ playerId, joinOrder, answered }: Totals): boolean =>
  isId(playerId) && joinOrder <= MAX_JOIN_ORDER && answered.length <= MAX_ANSWERED_BYTES

const addTo = (
  sessions: Map<string, SessionWork>,
  { sessionId, totals, firstReceivedAtMs }: ScoreBatch,
  place: number,
  span: Span | undefined,
): void => {
  const work = sessions.get(sessionId) ?? { totals: [], places: [], spans: [], firstReceivedAtMs: 0 }
  sessions.set(sessionId, work)
  for (const each of totals) work.totals.push(each)
  work.places.push(place)
  work.firstReceivedAtMs = earlier(work.firstReceivedAtMs, firstReceivedAtMs)
  if (span !== undefined) work.spans.push(span)
}

const SEVERITY = { ack: 0, reject: 1, retry: 2 } as const

/** A message of several sessions is settled when all of it is; an invalid part does not keep the rest from the boards. */
const moreSevere = (a: Verdict, b: Verdict): Verdict => (SEVERITY[b.kind] > SEVERITY[a.kind] ? b : a)

/** 0 is no time. */
const earlier = (a: number, b: number): number => (a === 0 || b === 0 ? Math.max(a, b) : Math.min(a, b))

const verdictOf = async (applying: ReturnType<BoardsUseCase['apply']>): Promise<Verdict> => {
  try {
    const outcome = await applying
    if (outcome === 'unavailable') return RETRY
    return outcome === 'applied' ? ACK : reject(outcome)
  } catch (err) {
    if (err instanceof PodiumError && err.canRetry) return RETRY
    throw err
  }
}
