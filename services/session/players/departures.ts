import type { Clock } from '#platform/clock'
import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { PlayerPrincipal } from '#platform/tokens/token-verifier'
import { isOver } from '../../game/session/phase.ts'
import type { Closing } from '../closing/close-question.ts'
import { boardOutbox } from '../outbox/messages.ts'
import type { Outbox } from '../outbox/outbox.ts'
import { decideLocked, publishCommitted } from '../sessions/move.ts'
import { type Actor, authorize, authorizeOn, requireId } from '../sessions/permissions.ts'
import type { PlayerCount, SessionStore } from '../sessions/session.ts'
import type { Lobby, Takeovers } from './lobby.ts'

/** Of a session that is not there any more: older than every other. */
const NO_COUNT: PlayerCount = { playerCount: 0, countedAt: 0 }

/**
 * A player leaves; the score stays. Leaving twice, or after the end, changes nothing. A join that `isWithdrawn` leaves
 * nothing behind: its guest never got the token, so that the nickname and place on the board are free again.
 * @throws PodiumError `unauthorized` when a newer token has replaced the player's
 */
export const createLeave =
  (deps: {
    readonly sessions: SessionStore
    readonly outbox: Outbox
    readonly lobby: Lobby
    readonly takeovers: Takeovers
    readonly closing: Pick<Closing, 'lookLater'>
  }) =>
  async (input: {
    readonly player: Pick<PlayerPrincipal, 'sessionId' | 'playerId' | 'generation'>
    readonly isWithdrawn?: boolean
  }): Promise<PlayerCount> => {
    const { player: bearer, isWithdrawn = false } = input
    const { sessionId, playerId } = bearer
    const left = await deps.sessions.locked(sessionId, async ({ session, findPlayer, unseat }) => {
      if (isOver(session.state)) return { count: session }
      const player = await findPlayer(playerId)
      if (player?.status !== 'joined') return { count: session }
      // A token that a newer one has replaced.
      if (player.generation !== bearer.generation) throw new PodiumError('unauthorized')
      const count = isWithdrawn
        ? await unseat([player], 'removed', [boardOutbox(sessionId, [player], true)], true)
        : await unseat([player], 'left', [])
      return { count, gone: { player, session } }
    })
    if (left?.gone === undefined) return left?.count ?? NO_COUNT
    const { player, session } = left.gone
    if (isWithdrawn) await publishCommitted(deps.outbox, sessionId)
    // Before the reply: an answer that is sent after it is refused.
    deps.takeovers.announce(sessionId, player, true)
    deps.lobby.changed(sessionId, { left: [player] })
    deps.closing.lookLater(session)
    return left.count
  }

/**
 * The host removes players for good. A second removal of the same player changes nothing; ids of no player are ignored.
 * @throws PodiumError `forbidden`, `not-found` when none of them is a player, `wrong-state` after the end
 */
export const createRemovePlayers =
  (deps: {
    readonly sessions: SessionStore
    readonly outbox: Outbox
    readonly lobby: Lobby
    readonly takeovers: Takeovers
    readonly closing: Pick<Closing, 'lookLater'>
    readonly clock: Clock
  }) =>
  async (input: {
    readonly actor: Actor | undefined
    readonly sessionId: string
    readonly playerIds: readonly string[]
  }): Promise<PlayerCount> => {
    const actor = authorize('player.remove', input.actor)
    const sessionId = requireId(input.sessionId)
    const asked = [...new Set(input.playerIds.filter(isId))]
    const removed = await deps.sessions.locked(sessionId, async (locked) => {
      const before = authorizeOn('player.remove', actor, locked.session)
      const players = await locked.findPlayers({ playerIds: asked, userIds: [], nicknameKeys: [] })
      if (players.length === 0) throw new PodiumError('not-found')
      const gone = players.filter(({ status }) => status !== 'removed')
      const seated = players.filter(({ status }) => status === 'joined')
      const count =
        gone.length > 0 ? await locked.unseat(gone, 'removed', [boardOutbox(sessionId, gone, true)]) : before
      const session = { ...before, ...count }
      const playerIds = players.map(({ playerId }) => playerId)
      const { outcome } = await decideLocked(locked, session, { type: 'remove-players', playerIds }, deps.clock)
      if (outcome.type === 'refused') throw new PodiumError('wrong-state')
      return { seated, session }
    })
    if (removed === undefined) throw new PodiumError('not-found')
    await publishCommitted(deps.outbox, sessionId)
    if (removed.seated.length > 0) {
      deps.lobby.changed(sessionId, { left: removed.seated })
      deps.closing.lookLater(removed.session)
    }
    return removed.session
  }
