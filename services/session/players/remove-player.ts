import type { Clock } from '#platform/clock'
import { PodiumError } from '#platform/errors'
import { currentQuestion } from '../../game/session/phase.ts'
import type { CloseWhenAllAnswered } from '../closing/all-answered.ts'
import type { Actor, Lobby, Outbox, Sessions } from '../ports.ts'
import { authorize, authorizeOn, requireId } from '../sessions/authorization.ts'
import { decideLocked, publishCommitted } from '../sessions/move.ts'

/**
 * The host removes a player for good. Removing somebody twice changes nothing.
 * @throws PodiumError `forbidden`, `not-found`, `wrong-state` after the end
 */
export const createRemovePlayer =
  (deps: {
    readonly sessions: Sessions
    readonly outbox: Outbox
    readonly lobby: Lobby
    readonly closeWhenAllAnswered: CloseWhenAllAnswered
    readonly clock: Clock
    readonly background: (work: Promise<void>) => void
  }) =>
  async (input: {
    readonly actor: Actor | undefined
    readonly sessionId: string
    readonly playerId: string
  }): Promise<void> => {
    const actor = authorize('player.remove', input.actor)
    const sessionId = requireId(input.sessionId)
    const playerId = requireId(input.playerId)
    const removed = await deps.sessions.locked(sessionId, async (locked) => {
      const session = authorizeOn('player.remove', actor, locked.session)
      const player = await locked.unseat(playerId, 'removed')
      if (player === undefined) throw new PodiumError('not-found')
      const { outcome, state } = await decideLocked(locked, { type: 'remove-player', playerId }, deps.clock)
      if (outcome.type === 'refused') throw new PodiumError('wrong-state')
      return { player, wasSeated: player.status === 'joined', question: currentQuestion(state), session }
    })
    if (removed === undefined) throw new PodiumError('not-found')
    await publishCommitted(deps.outbox, sessionId)
    if (!removed.wasSeated) return
    deps.lobby.changed(sessionId, { left: [removed.player] })
    const { question } = removed
    if (question !== undefined) deps.background(deps.closeWhenAllAnswered(sessionId, question.index))
  }
