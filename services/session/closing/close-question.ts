import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '#platform/clock'
import type { Logger } from '#platform/logger'
import { revealableAt } from '../../game/session/phase.ts'
import type { QuestionClosing, QuestionOpen } from '../../game/session/state.ts'
import { DRAIN_LIMIT_MS } from '../../game/session/timing.ts'
import type { AnswerPipeline, Session, Sessions } from '../ports.ts'
import type { Ledger } from '../results/ledger-port.ts'
import type { Move } from '../sessions/move.ts'

export interface CloseQuestionDeps {
  readonly sessions: Sessions
  readonly ledger: Ledger
  readonly pipeline: AnswerPipeline
  readonly move: Move
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Reveals the question of a session whose time is up or that is being closed: waits until no edge admits answers and every
 * accepted one is scored, counts them, and closes it. Resolves when that is done, by whomever; harmless when there is
 * nothing to reveal.
 */
export type CloseQuestion = (sessionId: string) => Promise<void>

export const createCloseQuestion = (deps: CloseQuestionDeps): CloseQuestion => {
  const { sessions, ledger, move } = deps
  /** Timer, host and players may ask for the same reveal at the same time. */
  const underWay = new Map<string, Promise<void>>()

  const reveal = async (sessionId: string): Promise<void> => {
    const session = await sessions.find(sessionId)
    const phase = session?.state.phase
    if (session === undefined || !isClosable(phase)) return
    const [[card]] = await Promise.all([sessions.questions(sessionId, [phase.index]), drained(deps, session, phase)])
    if (card === undefined) throw new Error(`session ${sessionId} has no question ${phase.index}`)
    const tally = await ledger.tally(sessionId, card)
    await move(sessionId, { type: 'reveal', epoch: session.state.phaseEpoch, tally })
  }

  return (sessionId) => {
    const revealing =
      underWay.get(sessionId) ??
      reveal(sessionId).finally(() => {
        underWay.delete(sessionId)
      })
    underWay.set(sessionId, revealing)
    return revealing
  }
}

const isClosable = (phase: Session['state']['phase'] | undefined): phase is QuestionOpen | QuestionClosing =>
  phase?.status === 'question_open' || phase?.status === 'question_closing'

/** Waits until the ledger holds every accepted answer, for a limited time: a broken worker must not stop the game. */
const drained = async (
  { pipeline, clock, logger }: CloseQuestionDeps,
  { sessionId }: Session,
  phase: QuestionOpen | QuestionClosing,
): Promise<void> => {
  // A timer may fire a millisecond early by this clock.
  for (let waitMs = revealableAt(phase) - clock.now(); waitMs > 0; waitMs = revealableAt(phase) - clock.now()) {
    await sleep(waitMs)
  }
  try {
    if (await pipeline.settled(DRAIN_LIMIT_MS)) return
    logger.warn({ sessionId, index: phase.index }, 'reveal without answers that are not scored yet')
  } catch (err) {
    logger.warn({ err, sessionId, index: phase.index }, 'reveal without knowing whether all answers are scored')
  }
}
