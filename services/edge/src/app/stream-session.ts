import type { FeedMessage, PublicQuestion } from '#gen/feed_pb'
import type { PlayerTakeover } from '#gen/lobby_pb'
import type { Clock } from '#lib/clock'
import type { Logger } from '#lib/logger'
import { LOBBY_TICK_MS } from '../domain/fan-out-tick.ts'
import { type BoardReplica, createBoardReplica } from './board-replica.ts'
import { type BoardView, createBoardView } from './board-view.ts'
import { createFanOut, type FanOutBudget, inSlices } from './fan-out.ts'
import { createFeedHistory, type FeedHistory } from './feed-history.ts'
import type { OwnMembers } from './frame.ts'
import { createLobby, type LobbyChange } from './lobby.ts'
import type { FeedLog, SessionReplica, SessionReplicas } from './ports.ts'
import { createRoster, type Roster } from './roster.ts'
import { type Audience, createAudience } from './stream-audience.ts'
import { createPodium } from './stream-finish.ts'
import { boardFrame, finishedFrame, removedFrame, replacedFrame, scoreFrame } from './stream-messages.ts'
import type { BoardSource, RosterSource, SessionNews, StreamClient } from './stream-ports.ts'
import { createScoreUpdates, type Score } from './stream-scores.ts'
import { createTakeovers } from './stream-takeovers.ts'

/** Rows of a frame. */
export const TOP = 10

/** Longest wait of a frame for a nickname. */
const NAMES_MS = 500

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
  close(): void
}

export interface StreamSessionDeps {
  readonly replicas: SessionReplicas
  readonly feed: FeedLog
  readonly boards: BoardSource
  readonly news: SessionNews
  readonly names: RosterSource
  readonly budget: FanOutBudget
  readonly clock: Clock
  readonly logger: Logger
  /** Called for each tick that sends frames. */
  readonly onTick: () => void
}

export const createStreamSession = (sessionId: string, deps: StreamSessionDeps): StreamSession => {
  const { replicas, feed, boards, news, names, budget, clock, logger, onTick } = deps
  const releaseReplica = replicas.retain(sessionId)
  const audience = createAudience()
  const roster = createRoster({ sessionId, source: names, clock, logger })
  const takeovers = createTakeovers()
  const start = replicas.peek(sessionId)?.position ?? 0
  const history = createFeedHistory({ sessionId, feed, logger, start })
  let sentChanges = 0
  let isNameless = false

  const state = () => replicas.peek(sessionId)?.state

  /** The open question, when its results must not show before it closes. */
  const hiddenQuestion = (): PublicQuestion | undefined =>
    state()?.settings?.reveal === 'on_close' ? state()?.question : undefined

  const board = createBoardReplica({ sessionId, source: boards, logger, onChange: () => fanOut.poke() })
  const view = createBoardView({ replica: board, roster, hidden: () => hiddenQuestion()?.index, clock })

  const ownStanding = ({ player }: StreamClient): OwnMembers => {
    const row = player === undefined ? undefined : view.row(player.playerId)
    return row === undefined ? '' : `,"me":{"rank":${row.rank},"score":${row.score}}`
  }

  const sendBoard = async (): Promise<void> => {
    view.refresh()
    if (audience.size() === 0 || (view.changes() === sentChanges && !isNameless)) return
    await roster.ensure(view.topIds(TOP), NAMES_MS)
    const wasNameless = isNameless
    isNameless = view.topIds(TOP).some((playerId) => !roster.knows(playerId))
    if (isNameless) fanOut.poke() // sent without names rather than late, and again with them
    if (view.changes() === sentChanges && isNameless === wasNameless) return
    sentChanges = view.changes()
    if (!view.isVisible()) return
    const frame = boardFrame(view.top(TOP))
    onTick()
    await view.hold(() => inSlices(audience.all(), (client) => client.show(frame, ownStanding(client))))
  }

  const fanOut = createFanOut({
    budget,
    audience: audience.size,
    atLeastMs: () => (state()?.status === 'lobby' ? LOBBY_TICK_MS : undefined),
    run: () => sendBoard().catch((err: unknown) => logger.error({ err, sessionId }, 'fan-out failed')),
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

  const onTakeover = ({ playerId, generation }: PlayerTakeover): void => {
    takeovers.note(playerId, generation)
    for (const client of audience.ofPlayer(playerId)) {
      if (takeovers.isReplaced(client.player)) dismiss(client, 'replaced', clock.now())
    }
  }

  const podium = createPodium({
    board,
    clock,
    logger,
    send: async (position) => {
      view.refresh()
      await roster.ensure(view.topIds(TOP), NAMES_MS)
      audience.deliver(finishedFrame(view.top(TOP), position), ownStanding)
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
      if (player !== undefined) roster.learn(player.playerId, player.nickname)
      first(replica)
      if (!client.isOpen()) return
      const displaced = audience.add(client)
      if (displaced !== undefined) dismiss(displaced, 'replaced', clock.now())
    },
    leave: audience.remove,
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
      fanOut.poke() // what is hidden may have changed
    },
    onLobby: lobby.add,
    ownStanding,
    close: () => {
      for (const unsubscribe of unsubscribes) unsubscribe()
      fanOut.close()
      lobby.close()
      board.close()
      roster.close()
      releaseReplica()
    },
  }
}
