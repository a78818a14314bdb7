import type { PublicQuestion } from '#gen/feed_pb'
import { createBoardReplica } from '../board/board-replica.ts'
import { createBoardView } from '../board/board-view.ts'
import { createRoster } from '../board/roster.ts'
import type { PresenceView } from '../ports.ts'
import { createAudience } from './audience.ts'
import { createBoardFrames, TOP } from './board-frames.ts'
import { createFeedHistory } from './feed-history.ts'
import { createPodium } from './finish.ts'
import { createHostNews } from './host-news.ts'
import { createLobby } from './lobby.ts'
import { finishedFrame, removedFrame, replacedFrame, scoreFrame } from './messages.ts'
import type { StreamClient, TakeoverNote } from './ports.ts'
import { createSessionPresence } from './presence.ts'
import { presenceJson } from './presence-json.ts'
import { createScoreUpdates, type Score } from './scores.ts'
import type { StreamSession, StreamSessionDeps } from './session-ports.ts'
import { createTakeovers } from './takeovers.ts'
import { createVisibility } from './visibility.ts'

export const createStreamSession = (sessionId: string, deps: StreamSessionDeps): StreamSession => {
  const { replicas, feed, boards, news, names, presences, edgeId, budget, clock, logger, telemetry, onTick } = deps
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

  const visibility = createVisibility({
    telemetry,
    clock,
    isHidden: () => hiddenQuestion() !== undefined,
    isWatched: () => audience.size() > 0,
  })
  const board = createBoardReplica({
    sessionId,
    source: boards,
    logger,
    metrics: telemetry.metrics,
    onChange: () => frames.poke(),
    onAnswers: visibility.arrived,
  })
  const view = createBoardView({ replica: board, roster, hidden: () => hiddenQuestion()?.index, clock })
  const frames = createBoardFrames({
    sessionId,
    view,
    roster,
    audience,
    budget,
    logger,
    onTick,
    visibility,
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

  const unsubscribes = [news.earned(sessionId, scores.onBatch), news.takeovers(sessionId, onTakeover)]

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
      if (takeovers.isReplaced(player) || (player !== undefined && replica.isReplaced(player))) {
        return dismiss(client, 'replaced', clock.now())
      }
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
