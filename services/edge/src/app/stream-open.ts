import { PodiumError } from '#lib/errors'
import type { Logger } from '#lib/logger'
import { createFrame } from './frame.ts'
import type { PlayerPrincipal, Principal, SessionReplica } from './ports.ts'
import type { SessionAccess } from './session-access.ts'
import type { PlayerFacts, PlayerViews } from './standings.ts'
import { boardFrame } from './stream-messages.ts'
import type { Admission, StreamClient } from './stream-ports.ts'
import type { CollectReplay, Replay } from './stream-replay.ts'
import { type StreamSession, TOP } from './stream-session.ts'
import type { Snapshots } from './stream-snapshot.ts'

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
   * Begins a stream: a snapshot, or what was missed since `position`, and everything after it. Never rejects; the client
   * may be gone at any time.
   */
  start(client: StreamClient, admission: Admission, position: number | undefined): Promise<void>
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
  readonly collectReplay: CollectReplay
  readonly logger: Logger
  readonly maxStreams?: number
}

const NO_FACTS: PlayerFacts = { questionIds: [], answered: undefined }

export const createStreamOpening = (deps: StreamsDeps): Streams => {
  const { access, open, views, snapshots, collectReplay, logger, maxStreams = MAX_STREAMS } = deps
  /** Every client, also one that has not been told anything yet. */
  const clients = new Map<StreamClient, StreamSession>()
  let isStopping = false

  /** What may take time, before the one step in which a client is told the state and becomes part of the audience. */
  const prepare = async (session: StreamSession, player: PlayerPrincipal | undefined): Promise<PlayerFacts> => {
    await session.board.ready(BOARD_MS)
    await session.settled()
    session.view.refreshIfOld()
    const [facts] = await Promise.all([
      player === undefined ? NO_FACTS : views.prepare(session, player),
      session.roster.ensure(session.view.topIds(TOP), NAMES_MS),
    ])
    return facts
  }

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

  const tellMissed = (client: StreamClient, session: StreamSession, { entries, position }: Replay): void => {
    const frames = entries.flatMap((entry) => session.missed(entry, client) ?? [])
    client.deliver(createFrame('stream.resumed', { replayed: frames.length }))
    for (const { frame, own } of frames) client.deliver(frame, own)
    client.position = position
    if (session.view.isVisible()) client.show(boardFrame(session.view.top(TOP)), session.ownStanding(client))
  }

  return {
    admit: async (principal, sessionId) => {
      if (isStopping || clients.size >= maxStreams) throw new PodiumError('unavailable')
      const member = await access(principal, sessionId)
      return { principal, sessionId, player: member.role === 'player' ? member.principal : undefined }
    },
    start: async (client, { sessionId, player }, position) => {
      try {
        const session = open(sessionId)
        clients.set(client, session)
        const facts = await prepare(session, player)
        let missed: Replay | undefined
        const newest = session.replica()?.position
        if (position !== undefined && newest !== undefined) missed = await collectReplay(sessionId, position, newest)
        if (!client.isOpen()) return
        if (isStopping) return client.close('draining')
        session.join(client, (replica) => {
          // A message that came after the replay was read would be missing between it and what follows.
          if (missed !== undefined && missed.position >= replica.position) tellMissed(client, session, missed)
          else tellState(client, session, replica, facts)
        })
      } catch (err) {
        logger.error({ err, sessionId }, 'stream not started')
        client.close('position-lost')
      }
    },
    restate: async (client, { sessionId, player }) => {
      try {
        const session = clients.get(client)
        if (session === undefined || client.position === 0) return // its first snapshot is on the way
        const facts = await prepare(session, player)
        const replica = session.replica()
        if (client.isOpen() && replica !== undefined) tellState(client, session, replica, facts)
      } catch (err) {
        logger.error({ err, sessionId }, 'snapshot not sent')
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
