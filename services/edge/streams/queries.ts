import { PodiumError } from '#platform/errors'
import type { Logger } from '#platform/logger'
import type { PlayerPrincipal, Principal } from '#platform/tokens/token-verifier'
import { hasAnswered } from '../../game/scoring/totals.ts'
import type { AnswerRegisters } from '../answers/register.ts'
import type { BoardRow } from '../board/board.ts'
import type { BoardJson, LeaderboardEntry } from '../board/board-view.ts'
import type { SessionAccess } from '../sessions/session-access.ts'
import type { SessionReplica } from '../sessions/session-replica.ts'
import type { Channel } from './channel.ts'
import type { Presence, PresenceView } from './presence.ts'

/** What a player's view needs and the board does not have. */
export interface PlayerFacts {
  /** In the order of play; empty when they are not needed or not available. */
  readonly questionIds: readonly string[]
  /** Index of a question with an answer that is stored, scored or not. */
  readonly answered: number | undefined
}

/** `me` of a player: its place on this edge's replica of the board. */
export interface PlayerView {
  readonly playerId: string
  readonly nickname: string
  /** `score` and `rank` are absent while they would tell, or may tell, the result of a question that is still hidden. */
  readonly score?: number
  readonly rank?: number
  /** Questions that the player has answered, in the order of play. */
  readonly answered: readonly string[]
}

export type PlayerViews = ReturnType<typeof createPlayerViews>

/** `me` of a player: what it may know of its own score and answers. */
export const createPlayerViews = (deps: {
  readonly questionIds: (sessionId: string) => Promise<readonly string[]>
  readonly registers: AnswerRegisters
  readonly logger: Logger
}) => {
  const { questionIds, registers, logger } = deps

  const optional = async <T>(what: string, look: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await look()
    } catch (err) {
      logger.warn({ err, what }, 'left out of a player view')
      return undefined
    }
  }

  return {
    /** Looks up what `view` needs, so that it can be made in one step. Never rejects: what is unavailable is left out. */
    prepare: async ({ sessionId, board, replica }: Channel, { playerId }: PlayerPrincipal): Promise<PlayerFacts> => {
      const session = replica()
      const open = session?.state.question?.index
      const scored = board.replica.board.newest(playerId)?.answered ?? new Uint8Array()
      const isStored =
        session !== undefined &&
        open !== undefined &&
        !hasAnswered(scored, open) &&
        (await optional('open answer', () => registers.hasAnswered(session, playerId))) === true
      const hasScored = scored.some((byte) => byte !== 0)
      const ids = hasScored ? await optional('question ids', () => questionIds(sessionId)) : undefined
      return { questionIds: ids ?? [], answered: isStored ? open : undefined }
    },
    view: (
      { board }: Channel,
      { state }: SessionReplica,
      { playerId, nickname }: PlayerPrincipal,
      facts: PlayerFacts,
    ): PlayerView => {
      const row = board.view.row(playerId)
      const scored = board.replica.board.newest(playerId)?.answered ?? new Uint8Array()
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

/** Longest wait of a request for a board that this edge does not hold yet, and for names that it does not know. */
const BOARD_MS = 1_500
const NAMES_MS = 1_000

/** Rows above and below the own one. */
const REACH = 2

export type Standings = ReturnType<typeof createStandings>

/** What GET session asks of a channel. */
export const createStandings = (open: (sessionId: string) => Channel, views: PlayerViews) => ({
  /** Loads the board on first use. @throws PodiumError `unavailable` */
  of: async (player: PlayerPrincipal): Promise<PlayerView> => {
    const channel = open(player.sessionId)
    if (!(await channel.board.replica.ready(BOARD_MS))) throw new PodiumError('unavailable')
    const facts = await views.prepare(channel, player)
    const replica = channel.replica()
    if (replica === undefined) throw new PodiumError('unavailable')
    channel.board.view.refreshIfOld()
    return views.view(channel, replica, player, facts)
  },
  /** The session's replica must be there. @throws PodiumError `unavailable` */
  presence: async (sessionId: string): Promise<PresenceView> => {
    const channel = open(sessionId)
    if (!(await channel.board.replica.ready(BOARD_MS))) throw new PodiumError('unavailable')
    return channel.presence()
  },
  /** Who is connected, by join order. The session's replica must be there. */
  connected: (sessionId: string): Promise<Presence> => open(sessionId).connected(),
})

export interface LeaderboardQuery {
  readonly principal: Principal
  readonly sessionId: string
  /** Rows of `top`, and how many rows of the board come before them. */
  readonly limit: number
  readonly offset: number
  readonly isAroundMe: boolean
}

export interface LeaderboardPage extends BoardJson {
  readonly around?: readonly LeaderboardEntry[]
  readonly me?: LeaderboardEntry
}

/** The board as it is now. @throws PodiumError as `SessionAccess`, and `unavailable` when there is no board in time */
export type QueryLeaderboard = (query: LeaderboardQuery) => Promise<LeaderboardPage>

export const createLeaderboardQuery =
  (access: SessionAccess, open: (sessionId: string) => Channel): QueryLeaderboard =>
  async ({ principal, sessionId, limit, offset, isAroundMe }) => {
    const member = await access(principal, sessionId, 'board.read')
    const player = member.role === 'player' ? member.principal : undefined
    const { board, roster } = open(sessionId)
    const { view } = board
    if (player !== undefined) roster.learn(player.playerId, player.nickname)
    if (!(await board.replica.ready(BOARD_MS))) throw new PodiumError('unavailable')
    const rowsAround = (): BoardRow[] => (player !== undefined && isAroundMe ? view.around(player.playerId, REACH) : [])
    view.refreshIfOld()
    await roster.ensure([...view.topIds(limit, offset), ...rowsAround().map((row) => row.playerId)], NAMES_MS)
    const own = player === undefined ? undefined : view.row(player.playerId)
    const [me] = own === undefined ? [] : view.withNames([own])
    return {
      ...view.top(limit, offset),
      ...(player !== undefined && isAroundMe && { around: view.withNames(rowsAround()) }),
      ...(me !== undefined && { me }),
    }
  }
