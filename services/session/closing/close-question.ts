import { LRUCache } from 'lru-cache'
import type { Clock } from '#platform/clock'
import type { Logger } from '#platform/logger'
import { currentQuestion, revealableAt } from '../../game/session/phase.ts'
import type { QuestionClosing, QuestionOpen } from '../../game/session/state.ts'
import { DRAIN_LIMIT_MS } from '../../game/session/timing.ts'
import type { WordFilter } from '../../game/word-filter.ts'
import type { Background } from '../background.ts'
import type { Ledger } from '../results/ledger.ts'
import type { Move } from '../sessions/move.ts'
import type { Session, SessionStore } from '../sessions/session.ts'
import type { AnswerPipeline } from './answer-pipeline.ts'
import type { AnswerStreams } from './answer-streams.ts'

export interface ClosingDeps {
  readonly sessions: Pick<SessionStore, 'questions'>
  readonly ledger: Pick<Ledger, 'tally'>
  readonly pipeline: AnswerPipeline
  readonly answerStreams: AnswerStreams
  /** By which outages may move the end of a question at the most. */
  readonly maxExtensionMs: number
  readonly move: Move
  readonly clock: Clock
  readonly sleep: (ms: number) => Promise<unknown>
  readonly logger: Logger
  readonly background: Background
  readonly isAllowedNickname: WordFilter
}

/** In which another copy of the service, which saw an outage from its beginning, gives back what it took. */
const GIVE_BACK_MS = 500
/** Questions whose close waits for their stream. */
const MAX_HELD = 10_000

/** How a question closes: everything between the last moment for answers and the reveal. */
export interface Closing {
  /**
   * Reveals the question of a session whose time is up or that is closing: waits until no edge admits answers and every
   * accepted one is scored, counts them and reveals it. Resolves with the session after that, whichever copy of the service
   * did it; at once when there is nothing to reveal, or when the time was up while no answer could be stored: what that took is
   * given back first, and the timer comes again.
   */
  close(session: Session): Promise<Session>
  /**
   * Closes the question if it is open, the settings say so and every joined player has answered it. Exact: no player can join
   * between the look and the close.
   */
  closeWhenAllAnswered(sessionId: string, questionIndex: number): Promise<void>
  /** The same for the open question of `session`, in the background. */
  lookLater(session: Session): void
}

export const createClosing = (deps: ClosingDeps): Closing => {
  const { sessions, ledger, move, clock, background, logger, answerStreams, maxExtensionMs } = deps
  /**
   * Timer, host and players may ask for the same reveal at the same time. By phase, because a close during the reveal that a
   * timer began makes a new phase, in which that reveal has no effect.
   */
  const underWay = new Map<string, Promise<Session>>()

  /** Phases that the clock should have closed. */
  const held = new LRUCache<string, number>({ max: MAX_HELD })

  /** The clock closes a question only while its answers can be stored, or when an outage takes longer than may be given back. */
  const mayClose = async (
    { sessionId, state: { phaseEpoch } }: Session,
    { closesAt, extendedMs = 0 }: QuestionOpen,
  ): Promise<boolean> => {
    const wasHeld = held.get(sessionId) === phaseEpoch
    if (await answerStreams.takes(sessionId)) {
      held.delete(sessionId)
      if (wasHeld) await deps.sleep(GIVE_BACK_MS)
      return true
    }
    if (!wasHeld) logger.warn({ sessionId }, 'no answers can be stored: the question stays open')
    held.set(sessionId, phaseEpoch)
    return clock.now() > revealableAt({ closesAt }) + maxExtensionMs - extendedMs
  }

  const reveal = async (session: Session, phase: QuestionOpen | QuestionClosing): Promise<Session> => {
    if (phase.status === 'question_open' && !(await mayClose(session, phase))) return session
    const { sessionId, state } = session
    const [[question]] = await Promise.all([
      sessions.questions(sessionId, [phase.index]),
      drained(deps, sessionId, phase),
    ])
    if (question === undefined) throw new Error(`session ${sessionId} has no question ${phase.index}`)
    for (let { removed } = state, isCounted = false; ; ) {
      const tally = await ledger.tally(sessionId, question, removed)
      const textCounts = tally.textCounts.map((entry) => ({
        ...entry,
        isFiltered: !deps.isAllowedNickname(entry.text),
      }))
      const command = { type: 'reveal', epoch: state.phaseEpoch, tally: { ...tally, textCounts } } as const
      const moved = await move(sessionId, command, (now) => {
        // The answers of a player who was removed meanwhile are not to be shown.
        isCounted = now.state.removed.length === removed.length
        removed = now.state.removed
        return isCounted
      })
      if (moved === undefined && !isCounted) continue
      if (moved?.outcome.type !== 'early') return moved?.session ?? session
      await deps.sleep(moved.outcome.dueAt - clock.now())
    }
  }

  const close = (session: Session): Promise<Session> => {
    const { phase, phaseEpoch } = session.state
    if (phase.status !== 'question_open' && phase.status !== 'question_closing') return Promise.resolve(session)
    const key = `${session.sessionId}:${phaseEpoch}`
    const revealing = underWay.get(key) ?? reveal(session, phase).finally(() => underWay.delete(key))
    underWay.set(key, revealing)
    return revealing
  }

  const closeWhenAllAnswered = async (sessionId: string, index: number): Promise<void> => {
    const moved = await move(sessionId, { type: 'all-answered', index }, async ({ state, settings }, locked) => {
      if (!settings.closeWhenAllAnswered || state.phase.status !== 'question_open') return false
      return state.phase.index === index && (await locked.everyoneAnswered(index))
    })
    if (moved?.outcome.type === 'accepted' && moved.outcome.events.length > 0) await close(moved.session)
  }

  return {
    close,
    closeWhenAllAnswered,
    lookLater: ({ sessionId, state, settings }) => {
      const question = currentQuestion(state)
      if (question === undefined || !settings.closeWhenAllAnswered) return
      background(closeWhenAllAnswered(sessionId, question.index))
    },
  }
}

/** Waits until the ledger holds every accepted answer, for a limited time: a broken worker must not stop the game. */
const drained = async (
  { pipeline, clock, logger, sleep }: ClosingDeps,
  sessionId: string,
  phase: QuestionOpen | QuestionClosing,
): Promise<void> => {
  // A timer may fire a millisecond early by this clock.
  for (let waitMs = revealableAt(phase) - clock.now(); waitMs > 0; waitMs = revealableAt(phase) - clock.now()) {
    await sleep(waitMs)
  }
  try {
    if (await pipeline.settled(sessionId, DRAIN_LIMIT_MS)) return
    logger.warn({ sessionId, index: phase.index }, 'reveal without answers that are not scored yet')
  } catch (err) {
    logger.warn({ err, sessionId, index: phase.index }, 'reveal without knowing whether all answers are scored')
  }
}
