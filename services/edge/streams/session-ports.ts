import type { FeedMessage } from '#gen/feed_pb'
import type { Clock } from '#platform/clock'
import type { Logger } from '#platform/logger'
import type { Telemetry } from '#platform/telemetry'
import type { BoardReplica } from '../board/board-replica.ts'
import type { BoardView } from '../board/board-view.ts'
import type { Roster } from '../board/roster.ts'
import type { FeedLog, PresenceView, SessionReplica, SessionReplicas } from '../ports.ts'
import type { Audience } from './audience.ts'
import type { FanOutBudget } from './fan-out.ts'
import type { FeedHistory } from './feed-history.ts'
import type { OwnMembers } from './frame.ts'
import type { LobbyChange } from './lobby.ts'
import type { BoardSource, PresenceChannel, RosterSource, SessionNews, StreamClient } from './ports.ts'

/** What one edge does for one session while somebody watches it. */
export interface StreamSession {
  readonly sessionId: string
  readonly audience: Pick<Audience, 'size' | 'all'>
  readonly board: Pick<BoardReplica, 'ready' | 'resync' | 'board'>
  readonly view: BoardView
  readonly roster: Roster
  readonly history: Pick<FeedHistory, 'reach' | 'since'>
  replica(): SessionReplica | undefined
  /** Resolves when no podium is being made; until then the board is not what `session.finished` will say. */
  settled(): Promise<void>
  /** In one step: the client is told whatever `first` says of the state now, and everything after it. */
  join(client: StreamClient, first: (replica: SessionReplica) => void): void
  leave(client: StreamClient): void
  onFeed(replica: SessionReplica, message: FeedMessage): void
  onLobby(change: LobbyChange): void
  ownStanding(client: StreamClient): OwnMembers
  /** Who is connected to this edge or another; waits a moment for the others when it is asked early. */
  presence(): Promise<PresenceView>
  /** Called once a second. */
  sweep(): void
  close(): void
}

export interface StreamSessionDeps {
  readonly replicas: SessionReplicas
  readonly feed: FeedLog
  readonly boards: BoardSource
  readonly news: SessionNews
  readonly names: RosterSource
  readonly presences: PresenceChannel
  /** Names this process among the edges. */
  readonly edgeId: string
  readonly budget: FanOutBudget
  readonly clock: Clock
  readonly logger: Logger
  readonly telemetry: Telemetry
  /** Called for each tick that sends frames. */
  readonly onTick: () => void
}
