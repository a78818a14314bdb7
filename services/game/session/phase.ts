import type { OpenQuestion, QuestionOpen, SessionState } from './state.ts'
import { CLOSE_GRACE_MS, CLOSE_RECOVERY_MS, DRAIN_LIMIT_MS, OPEN_LEAD_MS } from './timing.ts'

export const isOver = ({ phase }: SessionState): boolean => phase.status === 'finished' || phase.status === 'cancelled'

/** True once the first question has been announced. */
export const hasStarted = ({ phase }: SessionState): boolean => {
  const { status } = phase.status === 'paused' ? phase.held : phase
  return status !== 'lobby' && status !== 'starting'
}

/** The question that players see, also while it is on hold or being closed. */
export const currentQuestion = ({ phase }: SessionState): OpenQuestion | undefined => {
  if (phase.status === 'question_open' || phase.status === 'question_closing') return phase
  return phase.status === 'paused' && phase.held.status === 'question_open' ? phase.held.question : undefined
}

/** The place of the question that opens next; undefined while one is open or there is none. */
export const upcomingIndex = ({ phase, timeLimitsMs }: SessionState): number | undefined => {
  if (phase.status === 'starting') return 0
  return phase.status === 'question_closed' && phase.index + 1 < timeLimitsMs.length ? phase.index + 1 : undefined
}

/** How many questions, in the order of play, were closed with their key shown: no other key may leave the service. */
export const revealedCount = (state: SessionState): number => {
  const { revealed, phase } = state
  if (revealed !== null) return revealed.index + 1
  return currentQuestion(state)?.index ?? (phase.status === 'cancelled' ? phase.revealedCount : undefined) ?? 0
}

/** When the session moves by itself; undefined while it waits for its host or players. */
export const dueAt = ({ phase, timeLimitsMs }: SessionState): number | undefined => {
  switch (phase.status) {
    case 'starting':
      return phase.startsAt - OPEN_LEAD_MS
    case 'question_open':
      return phase.closesAt + CLOSE_GRACE_MS
    case 'question_closing':
      return phase.closesAt + CLOSE_GRACE_MS + DRAIN_LIMIT_MS + CLOSE_RECOVERY_MS
    case 'question_closed':
      if (phase.nextAt === null) return undefined
      return phase.index + 1 < timeLimitsMs.length ? phase.nextAt - OPEN_LEAD_MS : phase.nextAt
    case 'lobby':
    case 'paused':
    case 'finished':
    case 'cancelled':
      return undefined
    default:
      return phase satisfies never
  }
}

/** When no edge admits answers any more. */
export const revealableAt = ({ closesAt }: Pick<QuestionOpen, 'closesAt'>): number => closesAt + CLOSE_GRACE_MS
