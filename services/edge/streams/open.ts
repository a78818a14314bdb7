import { PodiumError } from '#platform/errors'
import type { Logger } from '#platform/logger'
import type { PlayerPrincipal, Principal, SessionReplica } from '../ports.ts'
import type { SessionAccess } from '../sessions/session-access.ts'
import { TOP } from './board-frames.ts'
import type { HistoryEntry } from './feed-history.ts'
import { createFrame } from './frame.ts'
import { boardFrame, finishedFrame } from './messages.ts'
import type { Admission, StreamClient } from './ports.ts'
import type { StreamSession } from './session-ports.ts'
import type { Snapshots } from './snapshot.ts'
import type { PlayerFacts, PlayerViews } from './standings.ts'

/** Longest wait of a new stream for the board; without it the stream starts without. */
const BOARD_MS = 1_500
const NAMES_MS = 500

/** Connections of one process at which further ones get `unavailable`. */
const MAX_STREAMS = 25_000

/** The streams of this process. */
export interface Streams {
  /** @throws PodiumError as `SessionAccess`, and `unavailable` when full or draining */
  admit(principal: Principal, sessionId: string): Promise<Admission>
  /**
   * Begins a stream: a snapshot, or what was missed since `position`, and everything after it. The position may become
   * known only later. Never rejects; the client may be gone at any time.
   */
  start(
    client: StreamClient,
    admission: Admission,
    position: Promise<number | undefined> | number | undefined,
  ): Promise<void>
  /** Another snapshot, for a client that asks. Never rejects. */
  restate(client: StreamClient, admission: Admission): Promise<void>
  /** The connection is gone. */
  end(client: StreamClient): void
  all(): StreamClient[]
  /** Admits nobody any more. */
  stop(): void
}

export interface StreamsDeps {
  readonly access: SessionAccess
  readonly open: (sessionId: string) => StreamSession
  readonly views: PlayerViews
  readonly snapshots: Snapshots
  readonly logger: Logger
  readonly maxStreams?: number | undefined
}

const NO_FACTS: PlayerFacts = { questionIds: [], answered: undefined }

export const createStreamOpening = (deps: StreamsDeps): Streams => {
  const { access, open, views, snapshots, logger, maxStreams = MAX_STREAMS } = deps
  /** Every client, also one that has not been told anything yet. */
  const clients = new Map<StreamClient, StreamSession>()
  let isStopping = false

  /** What every first message needs and may take time. */
  const prepare = async (session: StreamSession): Promise<void> => {
    await session.board.ready(BOARD_MS)
    session.view.refreshIfOld()
    await session.roster.ensure(session.view.topIds(TOP), NAMES_MS)
  }

  const factsOf = async (session: StreamSession, player: PlayerPrincipal | undefined): Promise<PlayerFacts> =>
    player === undefined ? NO_FACTS : views.prepare(session, player)

  const tellState = (
    client: StreamClient,
    session: StreamSession,
    replica: SessionReplica,
    facts: PlayerFacts,
  ): void => {
    session.view.refreshIfOld()
    const me = client.player === undefined ? undefined : views.view(session, replica, client.player, facts)
    client.deliver(snapshots.frame(session, replica), snapshots.own(me))
    client.position = Math.max(client.position, replica.position)
  }

  /** Scores are not told again: the board behind the events has the player's total. */
  const tellMissed = (
    client: StreamClient,
    session: StreamSession,
    { position, missed }: { readonly position: number; readonly missed: readonly HistoryEntry[] },
  ): void => {
    session.view.refreshIfOld()
    const told = missed.filter(({ frame }) => frame !== undefined)
    client.deliver(createFrame('stream.resumed', { replayed: told.length }))
    for (const { frame, position } of told) {
      if (frame === 'podium') {
        client.deliver(finishedFrame(session.view.top(TOP), position), session.ownStanding(client))
      } else if (frame !== undefined) client.deliver(frame)
    }
    client.position = missed.at(-1)?.position ?? position
    if (session.view.isVisible()) client.show(boardFrame(session.view.top(TOP)), session.ownStanding(client))
  }

  return {
    admit: async (principal, sessionId) => {
      if (isStopping || clients.size >= maxStreams) throw new PodiumError('unavailable')
      const member = await access(principal, sessionId, 'stream.open')
      return { principal, sessionId, player: member.role === 'player' ? member.principal : undefined }
    },
    start: async (client, { sessionId, player }, from) => {
      try {
        const session = open(sessionId)
        clients.set(client, session)
        const [position] = await Promise.all([from, prepare(session)])
        const isKnown = position !== undefined && (await session.history.reach(position))
        const facts = isKnown ? undefined : await factsOf(session, player)
        await session.settled()
        if (!client.isOpen()) return
        if (isStopping) return client.close('draining')
        session.join(client, (replica) => {
          const missed = isKnown ? session.history.since(position) : undefined
          if (missed !== undefined) tellMissed(client, session, { position: position ?? 0, missed })
          else if (facts !== undefined) tellState(client, session, replica, facts)
          else client.close('position-lost') // outrun by hundreds of events in this moment
        })
      } catch (err) {
        logger.error({ err, sessionId }, 'stream not started')
        client.close('position-lost')
      }
    },
    restate: async (client, { principal, sessionId, player }) => {
      try {
        const session = clients.get(client)
        if (session === undefined) return
        await access(principal, sessionId, 'stream.replay')
        await prepare(session)
        const facts = await factsOf(session, player)
        await session.settled()
        const replica = session.replica()
        if (client.isOpen() && replica !== undefined) tellState(client, session, replica, facts)
      } catch (err) {
        if (err instanceof PodiumError && err.code === 'unauthorized') client.close('removed')
        else logger.error({ err, sessionId }, 'snapshot not sent')
      }
    },
    end: (client) => {
      clients.get(client)?.leave(client)
      clients.delete(client)
    },
    all: () => [...clients.keys()],
    stop: () => {
      isStopping = true
    },
  }
}
