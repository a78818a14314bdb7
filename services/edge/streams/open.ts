import type { Clock } from '#platform/clock'
import { PodiumError } from '#platform/errors'
import type { Logger } from '#platform/logger'
import type { PlayerPrincipal, Principal } from '#platform/tokens/token-verifier'
import { sessionJson } from '../api/public-json.ts'
import type { SessionAccess } from '../sessions/session-access.ts'
import type { SessionReplica } from '../sessions/session-replica.ts'
import type { Channel } from './channel.ts'
import type { BoardOptions, StreamClient, Subscriber } from './client.ts'
import { TOP } from './fan-out.ts'
import { createFrame, type Frame, ownMembers } from './frame.ts'
import type { ReplayEvent } from './history.ts'
import { finishedFrame } from './messages.ts'
import type { PlayerFacts, PlayerViews } from './queries.ts'
import type { Viewer } from './visibility.ts'

/** Longest wait of a new stream for the board; without it the stream starts without. */
const BOARD_MS = 1_500
const NAMES_MS = 500

/** Connections of one process at which further ones get `unavailable`. */
const MAX_STREAMS = 25_000

/** So long after the end of a session a client that has seen it all is not let in again to wait for more. */
const LONG_OVER_MS = 60_000

const NO_FACTS: PlayerFacts = { questionIds: [], answered: undefined }

export type OpenStreams = ReturnType<typeof createOpenStreams>

/** The streams of this process: who gets one, how it begins, and where it is. */
export const createOpenStreams = (deps: {
  readonly access: SessionAccess
  readonly open: (sessionId: string) => Channel
  readonly views: PlayerViews
  readonly clock: Clock
  readonly logger: Logger
  readonly maxStreams?: number | undefined
}) => {
  const { access, open, views, clock, logger, maxStreams = MAX_STREAMS } = deps
  const snapshotOf = createSnapshots()
  /** Every client, also one that has not been sent anything yet. */
  const clients = new Map<StreamClient, Channel>()
  let isStopping = false

  /** What every first message needs and may take time. */
  const prepare = async ({ board, roster }: Channel): Promise<void> => {
    await board.replica.ready(BOARD_MS)
    board.view.refreshIfOld()
    await roster.ensure(board.view.topIds(TOP), NAMES_MS)
  }

  const factsOf = async (channel: Channel, player: PlayerPrincipal | undefined): Promise<PlayerFacts> =>
    player === undefined ? NO_FACTS : views.prepare(channel, player)

  const sendSnapshot = (client: StreamClient, channel: Channel, replica: SessionReplica, facts: PlayerFacts): void => {
    channel.board.view.refreshIfOld()
    const me = client.player === undefined ? undefined : views.view(channel, replica, client.player, facts)
    client.send(
      snapshotOf(channel, replica, client.viewer),
      ownMembers({ now: clock.now(), ...(me !== undefined && { me }) }),
    )
    channel.board.hasTop(client)
    client.position = Math.max(client.position, replica.position)
  }

  /** Scores are not sent again: the board behind the events has the player's total. */
  const replayMissed = (
    client: StreamClient,
    { board }: Channel,
    position: number,
    missed: readonly ReplayEvent[],
  ): void => {
    board.view.refreshIfOld()
    const replayed = missed.filter(({ frames }) => frames !== undefined)
    client.send(createFrame('stream.resumed', { replayed: replayed.length }))
    for (const { frames, position } of replayed) {
      if (frames === 'finished') client.send(finishedFrame(board.top().board, position), board.own(client))
      else if (frames !== undefined) client.send(frames[client.viewer])
    }
    client.position = missed.at(-1)?.position ?? position
    board.sendTop(client)
  }

  return {
    /** @throws PodiumError as `SessionAccess`, and `unavailable` when full or draining */
    admit: async (
      principal: Principal,
      sessionId: string,
      action: 'stream.open' | 'socket.open',
      board: BoardOptions,
    ): Promise<Subscriber> => {
      if (isStopping || clients.size >= maxStreams) throw new PodiumError('unavailable')
      const member = await access(principal, sessionId, action)
      return { principal, sessionId, player: member.role === 'player' ? member.principal : undefined, board }
    },
    /** True when nothing will ever come after this position; an EventSource would ask again for ever. */
    isAtEnd: (sessionId: string, position: number | undefined): boolean => {
      const replica = position === undefined ? undefined : open(sessionId).replica()
      const finishedAt = replica?.state.finishedAtMs
      if (replica === undefined || position === undefined || finishedAt === undefined) return false
      return position >= replica.position && clock.now() > finishedAt + LONG_OVER_MS
    },
    /**
     * Begins a stream: a snapshot, or what was missed since a position, and everything after it. The position may become
     * known only later. Never rejects; the client may be gone at any time.
     */
    start: async (
      client: StreamClient,
      { sessionId, player }: Subscriber,
      from: Promise<number | undefined> | number | undefined,
    ): Promise<void> => {
      try {
        const channel = open(sessionId)
        clients.set(client, channel)
        const [position] = await Promise.all([from, prepare(channel)])
        const isKnown = position !== undefined && (await channel.history.reach(position))
        const facts = isKnown ? undefined : await factsOf(channel, player)
        await channel.settled()
        if (!client.isOpen()) return
        if (isStopping) return client.close('draining')
        channel.join(client, (replica) => {
          const missed = isKnown ? channel.history.since(position) : undefined
          if (missed !== undefined) replayMissed(client, channel, position ?? 0, missed)
          else if (facts !== undefined) sendSnapshot(client, channel, replica, facts)
          else client.close('position-lost') // hundreds of events came in this moment
        })
      } catch (err) {
        logger.error({ err, sessionId }, 'stream not started')
        client.close('position-lost')
      }
    },
    /** Another snapshot, for a client that asks. Never rejects. */
    resendSnapshot: async (client: StreamClient, { principal, sessionId, player }: Subscriber): Promise<void> => {
      try {
        const channel = clients.get(client)
        if (channel === undefined) return
        await access(principal, sessionId, 'stream.replay')
        await prepare(channel)
        const facts = await factsOf(channel, player)
        await channel.settled()
        const replica = channel.replica()
        if (client.isOpen() && replica !== undefined) sendSnapshot(client, channel, replica, facts)
      } catch (err) {
        if (err instanceof PodiumError && err.code === 'unauthorized') client.close('removed')
        else logger.error({ err, sessionId }, 'snapshot not sent')
      }
    },
    /** The connection is gone. */
    end: (client: StreamClient): void => {
      clients.get(client)?.leave(client)
      clients.delete(client)
    },
    all: (): StreamClient[] => [...clients.keys()],
    /** From now on `admit` refuses. */
    stop: (): void => {
      isStopping = true
    },
  }
}

/** Makes the shared part of `session.snapshot` once for all clients that connect while nothing changes. */
const createSnapshots = () => {
  interface Made {
    readonly frame: Frame
    readonly position: number
    readonly playerCount: number
    readonly changes: number
  }
  const made = { host: new WeakMap<Channel, Made>(), player: new WeakMap<Channel, Made>() }
  return (channel: Channel, { position, playerCount, state }: SessionReplica, viewer: Viewer): Frame => {
    const { view } = channel.board
    const changes = view.changes()
    const known = made[viewer].get(channel)
    if (known?.position === position && known.playerCount === playerCount && known.changes === changes) {
      return known.frame
    }
    const data = { ...sessionJson(state, playerCount, viewer), leaderboard: channel.board.top().board }
    const frame = createFrame('session.snapshot', data, position)
    const hasNames = view.topIds(TOP).every(channel.roster.knows)
    if (hasNames) made[viewer].set(channel, { frame, position, playerCount, changes })
    return frame
  }
}
