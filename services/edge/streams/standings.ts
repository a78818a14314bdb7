import { PodiumError } from '#platform/errors'
import type { Logger } from '#platform/logger'
import { hasAnswered } from '../board/board-order.ts'
import type { AnswerLog, PlayerPrincipal, PlayerView, QuestionIds, SessionReplica, Standings } from '../ports.ts'
import type { StreamSession } from './session-ports.ts'

/** Longest wait for a board that this edge does not hold yet. */
const BOARD_MS = 1_500

export interface PlayerViewsDeps {
  readonly questionIds: QuestionIds
  readonly answers: AnswerLog
  readonly logger: Logger
}

/** What a player may know about the own standing. */
export interface PlayerViews {
  /**
   * Looks up what the board does not tell, so that `view` needs no waiting. Never rejects: what cannot be had is left
   * out, a stream must not fail for it.
   */
  prepare(session: StreamSession, player: PlayerPrincipal): Promise<PlayerFacts>
  view(session: StreamSession, replica: SessionReplica, player: PlayerPrincipal, facts: PlayerFacts): PlayerView
}

export interface PlayerFacts {
  /** In the order of play; empty when they are not needed or not available. */
  readonly questionIds: readonly string[]
  /** Index of a question with an answer that is stored, scored or not. */
  readonly answered: number | undefined
}

export const createPlayerViews = ({ questionIds, answers, logger }: PlayerViewsDeps): PlayerViews => {
  const optional = async <T>(what: string, look: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await look()
    } catch (err) {
      logger.warn({ err, what }, 'left out of a standing')
      return undefined
    }
  }

  return {
    prepare: async ({ sessionId, board, replica }, { playerId }) => {
      const open = replica()?.state.question?.index
      const scored = board.board.newest(playerId)?.answered ?? new Uint8Array()
      const isStored =
        open !== undefined &&
        !hasAnswered(scored, open) &&
        (await optional('open answer', () => answers.find(sessionId, open, playerId))) !== undefined
      const hasScored = scored.some((byte) => byte !== 0)
      const ids = hasScored ? await optional('question ids', () => questionIds.of(sessionId)) : undefined
      return { questionIds: ids ?? [], answered: isStored ? open : undefined }
    },
    view: ({ view, board }, { state }, { playerId, nickname }, facts) => {
      const row = view.row(playerId)
      const scored = board.board.newest(playerId)?.answered ?? new Uint8Array()
      const answered: string[] = []
      for (let index = 0; index < state.questionCount; index++) {
        if (!hasAnswered(scored, index) && index !== facts.answered) continue
        const id =
          facts.questionIds[index] ?? [state.question, state.reveal].find((q) => q?.index === index)?.questionId
        if (id !== undefined) answered.push(id)
      }
      return { playerId, nickname, ...(row !== undefined && { score: row.score, rank: row.rank }), answered }
    },
  }
}

export interface StandingsDeps {
  /** The session's live half; made when it is not there. The session's replica must be. */
  readonly open: (sessionId: string) => StreamSession
}

export const createStandings = (deps: StandingsDeps, views: PlayerViews): Standings => ({
  of: async (player) => {
    const session = deps.open(player.sessionId)
    if (!(await session.board.ready(BOARD_MS))) throw new PodiumError('unavailable')
    const facts = await views.prepare(session, player)
    const replica = session.replica()
    if (replica === undefined) throw new PodiumError('unavailable')
    session.view.refreshIfOld()
    return views.view(session, replica, player, facts)
  },
  presence: async (sessionId) => {
    const session = deps.open(sessionId)
    if (!(await session.board.ready(BOARD_MS))) throw new PodiumError('unavailable')
    return session.presence()
  },
})
