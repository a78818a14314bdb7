import type { FeedMessage, PublicQuestion } from '#gen/feed_pb'
import type { Clock } from '#lib/clock'
import type { Logger } from '#lib/logger'
import { createBoardFrames, TOP } from './board-frames.ts'
import { type BoardReplica, createBoardReplica } from './board-replica.ts'
import { type BoardView, createBoardView } from './board-view.ts'
import type { FanOutBudget } from './fan-out.ts'
import { createFeedHistory, type FeedHistory } from './feed-history.ts'
import type { OwnMembers } from './frame.ts'
import { createHostNews } from './host-news.ts'
import { createLobby, type LobbyChange } from './lobby.ts'
import type { FeedLog, PresenceView, SessionReplica, SessionReplicas } from './ports.ts'
import { createSessionPresence } from './presence.ts'
import { presenceJson } from './presence-json.ts'
import { createRoster, type Roster } from './roster.ts'
import { type Audience, createAudience } from './stream-audience.ts'
import { createPodium } from './stream-finish.ts'
import { finishedFrame, removedFrame, replacedFrame, scoreFrame } from './stream-messages.ts'
import type {
  BoardSource,
  PresenceChannel,
  RosterSource,
  SessionNews,
  StreamClient,
  TakeoverNote,
} from './stream-ports.ts'
import { createScoreUpdates, type Score } from './stream-scores.ts'
import { createTakeovers } from './stream-takeovers.ts'

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
  /** Called for each tick that sends frames. */
  readonly onTick: () => void
}

export const createStreamSession = (sessionId: string, deps: StreamSessionDeps): StreamSession => {
  const { replicas, feed, boards, news, names, presences, edgeId, budget, clock, logger, onTick } = deps
  const releaseReplica = replicas.retain(sessionId)
  const audience = createAudience()
  const roster = createRoster({ sessionId, source: names, clock, logger })
  const takeovers = createTakeovers()
  const start = replicas.peek(sessionId)?.position ?? 0
  const history = createFeedHistory({ sessionId, feed, logger, start })
  const state = () => replicas.peek(sessionId)?.state

  /** The open question, when its results must not show before it closes. */
  const hiddenQuestion = (): PublicQuestion | undefined =>
    state()?.settings?.reveal === 'on_close' ? state()?.question : undefined

  const board = createBoardReplica({ sessionId, source: boards, logger, onChange: () => frames.poke() })
  const view = createBoardView({ replica: board, roster, hidden: () => hiddenQuestion()?.index, clock })
  const frames = createBoardFrames({
    sessionId,
    view,
    roster,
    audience,
    budget,
    logger,
    onTick,
    isLobby: () => state()?.status === 'lobby',
  })

  const sendScore = (playerId: string, score: Score): void => {
    const clients = audience.ofPlayer(playerId)
    if (clients.length === 0) return // another edge has this player
    const frame = scoreFrame(score)
    for (const client of clients) client.deliver(frame)
  }

  const scores = createScoreUpdates({ send: sendScore, hidden: () => hiddenQuestion()?.questionId })
  const lobby = createLobby(audience.show)

  const dismiss = (client: StreamClient, reason: 'removed' | 'replaced', at: number): void => {
    client.deliver(reason === 'removed' ? removedFrame(at) : replacedFrame(at))
    client.close(reason)
  }

  const onTakeover = (takeover: TakeoverNote): void => {
    if (!takeovers.note(takeover)) return
    for (const client of audience.ofPlayer(takeover.playerId)) {
      if (takeovers.isReplaced(client.player)) dismiss(client, 'replaced', clock.now())
    }
  }

  const presence = createSessionPresence({
    sessionId,
    edgeId,
    channel: presences,
    clock,
    takeovers: takeovers.known,
    onTakeover,
  })

  const presenceNow = (): PresenceView => presenceJson(board.board.all(), presence.connected())
  const hostNews = createHostNews({ audience, presence, now: presenceNow })

  const podium = createPodium({
    board,
    clock,
    logger,
    send: async (position) => {
      view.refresh()
      await frames.named()
      audience.deliver(finishedFrame(view.top(TOP), position), frames.own)
    },
  })

  // An edge that comes when all is over may still be ahead of the last scores.
  const found = replicas.peek(sessionId)
  if (found?.state.status === 'finished') podium.announce(found)

  const unsubscribes = [news.scores(sessionId, scores.onBatch), news.takeovers(sessionId, onTakeover)]

  return {
    sessionId,
    audience,
    board,
    view,
    roster,
    history,
    replica: () => replicas.peek(sessionId),
    settled: podium.settled,
    join: (client, first) => {
      const replica = replicas.peek(sessionId)
      const { player } = client
      if (replica === undefined) return client.close('position-lost')
      if (player !== undefined && replica.isRemoved(player.playerId)) return dismiss(client, 'removed', clock.now())
      if (takeovers.isReplaced(player)) return dismiss(client, 'replaced', clock.now())
      if (player !== undefined) {
        roster.learn(player.playerId, player.nickname)
        // The newest token that ever connected is the newest there is, also for an edge that heard of no takeover.
        onTakeover(player)
      }
      first(replica)
      if (!client.isOpen()) return
      if (player === undefined) hostNews.again()
      else presence.enter(player)
      const displaced = audience.add(client)
      if (displaced !== undefined) dismiss(displaced, 'replaced', clock.now())
    },
    leave: (client) => {
      if (audience.remove(client) && client.player !== undefined) presence.leave(client.player)
    },
    onFeed: (replica, message) => {
      const told = history.add(message, replica.position)
      const happened = message.event?.event
      if (happened?.case === 'playerRemoved') {
        for (const client of audience.ofPlayer(happened.value.playerId)) dismiss(client, 'removed', message.atMs)
      } else if (told === 'podium') {
        podium.announce(replica)
      } else {
        if (told !== undefined) podium.inOrder(() => audience.deliver(told))
        podium.inOrder(scores.release)
      }
      frames.poke() // what is hidden may have changed
    },
    onLobby: lobby.add,
    ownStanding: frames.own,
    presence: () => presence.settled().then(presenceNow),
    sweep: () => {
      presence.sweep()
      hostNews.sweep()
    },
    close: () => {
      for (const unsubscribe of unsubscribes) unsubscribe()
      frames.close()
      presence.close()
      hostNews.close()
      lobby.close()
      board.close()
      roster.close()
      releaseReplica()
    },
  }
}
