import type { FeedMessage } from '#gen/feed_pb'
import type { EarnedBatch } from '#gen/score_pb'
import type { Clock } from '#platform/clock'
import type { Logger } from '#platform/logger'
import type { Telemetry } from '#platform/telemetry'
import type { BoardSource } from '../board/board-replica.ts'
import { createRoster, type RosterSource } from '../board/roster.ts'
import type { FeedLog } from '../sessions/feed.ts'
import type { SessionReplica } from '../sessions/session-replica.ts'
import type { SessionReplicas } from '../sessions/session-replicas.ts'
import { createAudience, createTakeovers, type TakeoverNote } from './audience.ts'
import type { StreamClient } from './client.ts'
import { createBoardFanOut, type FanOutBudget } from './fan-out.ts'
import { createFinish } from './finish.ts'
import { createFrame } from './frame.ts'
import { createFeedHistory } from './history.ts'
import { createLobbyUpdates } from './lobby.ts'
import { finishedFrame, removedFrame, replacedFrame, upcomingFrame } from './messages.ts'
import { createAnswerLatency } from './metrics.ts'
import {
  createPresenceUpdates,
  createSessionPresence,
  type Presence,
  type PresenceChannel,
  type PresenceView,
  presenceJson,
} from './presence.ts'
import { createProgressUpdates } from './progress.ts'
import type { SessionNews } from './session-news.ts'
import { hiddenQuestion } from './visibility.ts'

export interface ChannelDeps {
  readonly replicas: SessionReplicas
  readonly feed: FeedLog
  readonly boards: BoardSource
  readonly news: SessionNews
  readonly names: RosterSource
  readonly presences: PresenceChannel
  /** Names this process among the edges. */
  readonly edgeId: string
  readonly budget: FanOutBudget
  /** Milliseconds between boards to players while a question is open. */
  readonly boardIntervalMs: number
  /** Milliseconds after which a client of a session that is over is closed. */
  readonly overMs: number
  readonly clock: Clock
  readonly logger: Logger
  readonly telemetry: Telemetry
  /** Called for each tick that sends frames. */
  readonly onTick: () => void
}

export type Channel = ReturnType<typeof createChannel>

/** What one edge does for one session while it has clients there: what they are sent, in which order. */
export const createChannel = (sessionId: string, deps: ChannelDeps) => {
  const {
    replicas,
    feed,
    boards,
    news,
    names,
    presences,
    edgeId,
    budget,
    boardIntervalMs,
    overMs,
    clock,
    logger,
    telemetry,
    onTick,
  } = deps
  const releaseReplica = replicas.retain(sessionId)
  const audience = createAudience()
  const roster = createRoster({ sessionId, source: names, clock, logger })
  const takeovers = createTakeovers()
  const start = replicas.peek(sessionId)?.position ?? 0
  const history = createFeedHistory({ sessionId, feed, logger, start })
  /** The open question, when its results must not show before it closes. */
  const hidden = () => hiddenQuestion(replicas.peek(sessionId)?.state)

  const board = createBoardFanOut({
    sessionId,
    source: boards,
    roster,
    budget,
    hidden: () => hidden()?.index,
    status: () => replicas.peek(sessionId)?.state.status,
    playerIntervalMs: boardIntervalMs,
    latency: createAnswerLatency({
      telemetry,
      clock,
      isHidden: () => hidden() !== undefined,
      isWatched: () => audience.size() > 0,
    }),
    clock,
    logger,
    metrics: telemetry.metrics,
    onTick,
    onChange: () => progress.poke(),
  })
  const progress = createProgressUpdates({
    audience,
    budget,
    session: () => replicas.peek(sessionId),
    totals: board.replica.board.all,
  })

  const sendScore = (playerId: string, score: Score): void => {
    const clients = audience.ofPlayer(playerId)
    if (clients.length === 0) return // another edge has this player
    const frame = createFrame('score.updated', score)
    for (const client of clients) client.send(frame)
  }

  const scores = createScoreUpdates(sendScore, () => hidden()?.questionId)
  const lobby = createLobbyUpdates(audience.sendLatest)

  const dismiss = (client: StreamClient, reason: 'removed' | 'replaced', at: number): void => {
    client.send(reason === 'removed' ? removedFrame(at) : replacedFrame(at))
    client.close(reason)
  }

  const onTakeover = (takeover: TakeoverNote): void => {
    if (!takeovers.note(takeover)) return
    replicas.noteGeneration(sessionId, takeover) // the older token is void for requests, too
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
  const presenceNow = (): PresenceView => presenceJson(board.replica.board.all(), presence.connected())
  const presenceUpdates = createPresenceUpdates({ audience, presence, now: presenceNow })

  const finish = createFinish({
    board: board.replica,
    clock,
    logger,
    send: async (position) => {
      board.view.refresh()
      await board.ensureNames()
      const frame = finishedFrame(board.top().board, position)
      audience.send({ host: frame, player: frame }, board.own)
    },
  })

  const overSince = new WeakMap<StreamClient, number>()
  const closeOver = (): void => {
    const { status = '' } = replicas.peek(sessionId)?.state ?? {}
    if (!['finished', 'cancelled'].includes(status)) return
    const now = clock.monotonic()
    for (const client of audience.all()) {
      const since = overSince.get(client) ?? now
      overSince.set(client, since)
      if (now - since >= overMs) client.close('session-over')
    }
  }

  // An edge that opens a finished session may still be ahead of the last scores.
  const found = replicas.peek(sessionId)
  if (found?.state.status === 'finished') finish.announce(found)

  const unsubscribes = [news.earned(sessionId, scores.onBatch), news.takeovers(sessionId, onTakeover)]

  return {
    sessionId,
    audience,
    board,
    roster,
    history,
    replica: (): SessionReplica | undefined => replicas.peek(sessionId),
    /** Resolves when no last scores are awaited; until then the board is not what `session.finished` will say. */
    settled: finish.settled,
    /** In one step: `first` sends the client the state as it is now, and the client gets everything after it. */
    join: (client: StreamClient, first: (replica: SessionReplica) => void): void => {
      const replica = replicas.peek(sessionId)
      const { player } = client
      if (replica === undefined) {
        client.close('position-lost')
        return
      }
      if (player !== undefined && replica.isRemoved(player.playerId)) {
        dismiss(client, 'removed', clock.now())
        return
      }
      if (takeovers.isReplaced(player) || (player !== undefined && replica.isReplaced(player))) {
        dismiss(client, 'replaced', clock.now())
        return
      }
      if (player !== undefined) {
        roster.learn(player.playerId, player.nickname)
        // The newest token that ever connected is the newest there is, also for an edge that heard of no takeover.
        onTakeover(player)
      }
      first(replica)
      if (!client.isOpen()) return
      client.probe('idle')
      if (replica.state.status === 'question_open') client.probe('question')
      if (player !== undefined) presence.enter(player)
      else if (client.viewer === 'host') presenceUpdates.resend()
      board.add(client)
      const displaced = audience.add(client)
      if (displaced !== undefined) dismiss(displaced, 'replaced', clock.now())
      progress.sendTo(client)
      const upcoming = upcomingFrame(replica.state)
      if (upcoming !== undefined) client.sendLatest(upcoming)
    },
    leave: (client: StreamClient): void => {
      board.remove(client)
      if (audience.remove(client) && client.player !== undefined) presence.leave(client.player)
    },
    onFeed: (replica: SessionReplica, message: FeedMessage): void => {
      const frames = history.add(message, replica.position)
      const event = message.event?.event
      if (event?.case === 'playerRemoved') {
        const removed = event.value.playerIds.flatMap((playerId) => [...audience.ofPlayer(playerId)])
        for (const client of removed) dismiss(client, 'removed', message.atMs)
      } else if (frames === 'finished') {
        finish.announce(replica)
      } else {
        if (frames !== undefined) finish.inOrder(() => audience.send(frames))
        const upcoming =
          event?.case === 'sessionStarting' || event?.case === 'questionClosed'
            ? upcomingFrame(replica.state)
            : undefined
        if (upcoming !== undefined) finish.inOrder(() => audience.sendLatest(upcoming))
        finish.inOrder(scores.release)
      }
      // Behind the question, so that its pong says when the client had it; and once more while nothing is open.
      if (event?.case === 'questionOpened') finish.inOrder(() => audience.probe('question'))
      const isClosed = event?.case === 'questionClosed'
      if (isClosed) finish.inOrder(() => audience.probe('idle'))
      board.poke(isClosed) // what is hidden may have changed
      if (isClosed) progress.forget()
      else progress.poke()
    },
    onLobby: lobby.add,
    /** Who is connected to this edge or another; waits a moment for the others when it is asked early. */
    presence: (): Promise<PresenceView> => presence.settled().then(presenceNow),
    /** The same by join order. */
    connected: (): Promise<Presence> => presence.settled().then(presence.connected),
    /** Called once a second. */
    sweep: (): void => {
      closeOver()
      presence.sweep()
      presenceUpdates.sweep()
    },
    close: (): void => {
      for (const unsubscribe of unsubscribes) unsubscribe()
      board.close()
      progress.close()
      presence.close()
      presenceUpdates.close()
      lobby.close()
      roster.close()
      releaseReplica()
    },
  }
}

/** What an answer earned, as its player gets it. */
interface Score {
  readonly questionId: string
  /** The answer that counts. */
  readonly answerId: string
  /** Full credit; absent for a question without a right answer. */
  readonly correct?: boolean
  readonly points: number
  /** The player's total, and correct answers in a row. */
  readonly score: number
  readonly streak: number
}

/**
 * Sends players what their answers earned: at once, or when the question closes.
 * @param hidden id of the question whose results must not be sent now
 */
const createScoreUpdates = (send: (playerId: string, score: Score) => void, hidden: () => string | undefined) => {
  /** One per player, so bounded by the players of the session. */
  let held = new Map<string, Score>()

  const sendOrHold = (playerId: string, score: Score, hiddenId: string | undefined): void => {
    if (score.questionId === hiddenId) held.set(playerId, score)
    else send(playerId, score)
  }

  return {
    onBatch: ({ answers }: EarnedBatch): void => {
      const hiddenId = hidden()
      for (const { playerId, unscored, correct, questionId, answerId, points, score, streak } of answers) {
        const earned = { questionId, answerId, ...(!unscored && { correct }), points, score, streak }
        sendOrHold(playerId, earned, hiddenId)
      }
    },
    /** Sends what was held for questions that are not hidden any more. */
    release: (): void => {
      if (held.size === 0) return
      const waiting = held
      const hiddenId = hidden()
      held = new Map()
      for (const [playerId, score] of waiting) sendOrHold(playerId, score, hiddenId)
    },
  }
}
