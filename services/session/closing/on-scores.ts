import type { Clock } from '#platform/clock'
import type { Sessions } from '../ports.ts'
import type { CloseWhenAllAnswered } from './all-answered.ts'

/** Scored answers to one question so far, as the scorer reports with every batch. */
export interface Progress {
  readonly questionIndex: number
  readonly answerCount: number
}

/** Hears of every scored batch; looks closer only when a question might have all its answers. */
export type OnScores = (sessionId: string, progress: readonly Progress[]) => Promise<void>

/** What a session looked like a moment ago: enough to tell in most cases that it is too early to look. */
interface Hint {
  readonly index: number
  readonly playerCount: number
  readonly readAt: number
}

/** Players who leave are noticed by themselves; players who join make the hint too low, which only costs a look. */
const HINT_TTL_MS = 2_000
const MAX_HINTS = 5_000

export const createOnScores = (deps: {
  readonly sessions: Sessions
  readonly closeWhenAllAnswered: CloseWhenAllAnswered
  readonly clock: Clock
}): OnScores => {
  const { sessions, closeWhenAllAnswered, clock } = deps
  const hints = new Map<string, Hint>()
  /** Latest progress of sessions that are being looked at; one look at a time is enough for each. */
  const looking = new Map<string, Progress>()

  const hintFor = async (sessionId: string, { questionIndex }: Progress): Promise<Hint> => {
    const known = hints.get(sessionId)
    const fresh = known !== undefined && clock.monotonic() - known.readAt < HINT_TTL_MS
    if (known !== undefined && fresh && known.index === questionIndex) return known
    const session = await sessions.find(sessionId)
    const watched = session?.settings.closeWhenAllAnswered === true && session.state.phase.status === 'question_open'
    const hint: Hint = {
      index: questionIndex,
      playerCount: watched ? session.playerCount : Number.POSITIVE_INFINITY,
      readAt: clock.monotonic(),
    }
    hints.delete(sessionId)
    hints.set(sessionId, hint)
    for (const oldest of hints.keys()) {
      if (hints.size <= MAX_HINTS) break
      hints.delete(oldest)
    }
    return hint
  }

  const look = async (sessionId: string): Promise<void> => {
    for (let seen: Progress | undefined; ; ) {
      const progress = looking.get(sessionId)
      if (progress === undefined || progress === seen) return
      seen = progress
      const { playerCount } = await hintFor(sessionId, progress)
      if (progress.answerCount >= playerCount) await closeWhenAllAnswered(sessionId, progress.questionIndex)
    }
  }

  return async (sessionId, progress) => {
    // Answers of several questions are scored together only after an outage; the last question is the one that may be open.
    const latest = progress.toSorted((a, b) => b.questionIndex - a.questionIndex)[0]
    if (latest === undefined) return
    const busy = looking.has(sessionId)
    looking.set(sessionId, latest)
    if (busy) return
    try {
      await look(sessionId)
    } finally {
      looking.delete(sessionId)
    }
  }
}
