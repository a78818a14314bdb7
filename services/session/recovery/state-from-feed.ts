import type { FeedMessage, PublicQuestion, QuestionReveal } from '#gen/feed_pb'
import type { Held, OpenQuestion, Phase, SessionState } from '../../game/session/state.ts'

/**
 * The state that a FEED message was made of (sessions/feed-message.ts), for a session whose row is older; `before` is that of
 * the row. Its phase begins anew with the message's epoch: timers of the phase are void, and the deadline is the row's.
 * Undefined when the message does not say enough, which none of ours does.
 */
export const stateFromFeed = (message: FeedMessage, before: SessionState): SessionState | undefined => {
  const { state, internal, epoch } = message
  const phase = phaseOf(message)
  if (state === undefined || internal === undefined || phase === undefined) return undefined
  return {
    ...before,
    epoch,
    phaseEpoch: epoch,
    phase,
    locked: state.locked,
    removed: internal.removedPlayerIds,
    revealed: state.reveal === undefined ? null : { index: state.reveal.index, tally: tallyOf(state.reveal) },
  }
}

const phaseOf = ({ state, internal }: FeedMessage): Phase | undefined => {
  switch (state?.status) {
    case 'lobby':
      return { status: 'lobby' }
    case 'starting':
      return state.startsAtMs === undefined ? undefined : { status: 'starting', startsAt: state.startsAtMs }
    case 'question_open': {
      if (state.question === undefined) return undefined
      const open = openQuestion(state.question)
      // Whether the host also ended the session is not said; then it is ended once more.
      return internal?.admitsAnswers === true
        ? { status: 'question_open', ...open }
        : { status: 'question_closing', ...open, followedBy: 'reveal' }
    }
    case 'question_closed':
      return state.reveal && { status: 'question_closed', index: state.reveal.index, nextAt: state.nextAtMs ?? null }
    case 'paused': {
      const held = heldOf(state)
      return held && { status: 'paused', reasons: state.pauseReasons, held }
    }
    case 'finished':
      return state.finishedAtMs === undefined ? undefined : { status: 'finished', at: state.finishedAtMs }
    case 'cancelled':
      return state.finishedAtMs === undefined
        ? undefined
        : { status: 'cancelled', at: state.finishedAtMs, revealedCount: state.reveal ? state.reveal.index + 1 : 0 }
    default:
      return undefined
  }
}

const heldOf = ({
  pausedStatus,
  remainingMs,
  question,
  reveal,
}: NonNullable<FeedMessage['state']>): Held | undefined => {
  if (pausedStatus === 'starting' && remainingMs !== undefined) return { status: 'starting', remainingMs }
  if (pausedStatus === 'question_open' && remainingMs !== undefined && question !== undefined) {
    return { status: 'question_open', question: openQuestion(question), remainingMs }
  }
  return pausedStatus === 'question_closed' && reveal !== undefined
    ? { status: 'question_closed', index: reveal.index, remainingMs: remainingMs ?? null }
    : undefined
}

const openQuestion = ({ index, opensAtMs, closesAtMs, elapsedBeforeMs, extendedMs }: PublicQuestion): OpenQuestion => ({
  index,
  opensAt: opensAtMs,
  closesAt: closesAtMs,
  elapsedBeforeMs,
  ...(extendedMs !== undefined && { extendedMs }),
})

const tallyOf = ({ answerCount, optionCounts, textCounts }: QuestionReveal) => ({
  answerCount,
  optionCounts,
  textCounts: textCounts.map(({ text, count, isFiltered }) => ({ text, count, ...(isFiltered && { isFiltered }) })),
})
