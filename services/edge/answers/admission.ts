import type { SessionReplica } from '../sessions/session-replica.ts'

/** The question that is open, or was when the session was paused. */
interface OpenQuestion {
  readonly index: number
  /** Monotonic milliseconds at which it opened, or will, for the players of this edge. */
  readonly opensAt: number
  /** How long it stays open; less than the limit after a pause. */
  readonly durationMs: number
  /** Full answering time. */
  readonly timeLimitMs: number
  /** Answering time that passed before a pause. */
  readonly elapsedBeforeMs: number
}

export interface Situation {
  readonly status: string
  readonly open: OpenQuestion | undefined
  /** Index of the question that closed last. */
  readonly lastClosed: number | undefined
  /** False from the moment the host, the clock or the last answer closes the question. */
  readonly admitsAnswers: boolean
}

type Refusal = 'question-not-open' | 'question-closed' | 'session-paused'

type Admission =
  | { readonly kind: 'admitted'; readonly elapsedMs: number }
  | { readonly kind: 'refused'; readonly code: Refusal }

const refused = (code: Refusal): Admission => ({ kind: 'refused', code })

/**
 * May an answer to a question be taken now? Decided from what the edge knows of the session and the edge's own clock; the
 * client's clock plays no part. `now`: monotonic milliseconds at which the answer arrived.
 */
export const decideAdmission = (situation: Situation, questionIndex: number, now: number): Admission => {
  const { status, open, admitsAnswers } = situation
  if (status === 'finished' || status === 'cancelled') return refused('question-closed')
  if (isPast(situation, questionIndex)) return refused('question-closed')
  if (status === 'paused') return refused('session-paused')
  if (status !== 'question_open' || open === undefined || open.index !== questionIndex)
    return refused('question-not-open')
  const sinceOpening = now - open.opensAt
  if (!admitsAnswers || sinceOpening > open.durationMs) return refused('question-closed')
  if (sinceOpening < 0) return refused('question-not-open')
  const elapsed = Math.round(open.elapsedBeforeMs + sinceOpening)
  return { kind: 'admitted', elapsedMs: Math.min(Math.max(elapsed, 0), open.timeLimitMs) }
}

const isPast = ({ open, lastClosed }: Situation, index: number): boolean =>
  (lastClosed !== undefined && index <= lastClosed) || (open !== undefined && index < open.index)

export const situationOf = ({ state, internal, opensAtMonotonic }: SessionReplica): Situation => {
  const { status, question, reveal } = state
  return {
    status,
    open:
      question === undefined || opensAtMonotonic === undefined
        ? undefined
        : {
            index: question.index,
            opensAt: opensAtMonotonic,
            durationMs: question.closesAtMs - question.opensAtMs,
            timeLimitMs: question.timeLimitMs,
            elapsedBeforeMs: question.elapsedBeforeMs,
          },
    lastClosed: reveal?.index,
    admitsAnswers: internal.admitsAnswers,
  }
}
