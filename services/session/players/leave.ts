import { isId } from '#platform/ids'
import { currentQuestion, isOver } from '../../game/session/phase.ts'
import type { CloseWhenAllAnswered } from '../closing/all-answered.ts'
import type { Lobby, Sessions } from '../ports.ts'

/** A player leaves; the score stays. Leaving twice, or after the end, changes nothing. */
export const createLeave =
  (deps: {
    readonly sessions: Sessions
    readonly lobby: Lobby
    readonly closeWhenAllAnswered: CloseWhenAllAnswered
    /** Runs what the player need not wait for. */
    readonly background: (work: Promise<void>) => void
  }) =>
  async ({ sessionId, playerId }: { readonly sessionId: string; readonly playerId: string }): Promise<void> => {
    if (!isId(sessionId) || !isId(playerId)) return
    const gone = await deps.sessions.locked(sessionId, async ({ session, unseat }) => {
      if (isOver(session.state)) return undefined
      const player = await unseat(playerId, 'left')
      return player?.status === 'joined' ? { player, question: currentQuestion(session.state) } : undefined
    })
    if (gone === undefined) return
    deps.lobby.changed(sessionId, { left: [gone.player] })
    if (gone.question !== undefined) deps.background(deps.closeWhenAllAnswered(sessionId, gone.question.index))
  }
