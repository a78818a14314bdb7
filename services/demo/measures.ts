import type { EventData } from '#client'
import { arrivalOf, type FrameLog } from './frame-log.ts'
import { createLatencies, type Latencies } from './latencies.ts'

type Frame = EventData['leaderboard.updated']

/** One answer on its way, by the monotonic clock of this process. */
export interface Attempt {
  readonly playerId: string
  readonly questionId: string
  /** Just before it was sent for the first time. */
  readonly sentAt: number
  /** The player's score before it. */
  readonly scoreBefore: number
  /** Version of the first board that the player got with more points for itself. */
  version: number | undefined
  /** When another client got a board with this player and more points in its top. */
  readonly seenInTop: Map<FrameLog, number>
  /** What the server said that it earned; undefined while it has not. */
  points: number | undefined
  /** The effect of one of two answers had not arrived when the second was sent, so that they cannot be told apart. */
  overlaps: boolean
}

/** One connected client that is shown leaderboards. */
export interface Observer {
  frame(frame: Frame): void
  /** It sees nothing any more. */
  gone(): void
}

/**
 * Measures from the moment just before an answer is sent to the moments at which its effect arrived: 202, the player's own
 * `score.updated`, and a leaderboard that contains the new score at every other client that is connected all the time.
 */
export interface Measures {
  readonly accepted: Latencies
  readonly ownScore: Latencies
  /** As the boards come in, for the screen: answers of players in the top. */
  readonly seenSoFar: Latencies
  /** A client that has just got its snapshot; without a player it is the host. */
  observe(playerId?: string): Observer
  sending(playerId: string, questionId: string, scoreBefore: number): Attempt
  wasAccepted(attempt: Attempt): void
  /** It was refused: there is no effect to wait for. */
  withdraw(attempt: Attempt): void
  wasScored(playerId: string, questionId: string, points: number): void
  /** Answer to the leaderboard of every other client. */
  boards(): BoardMeasures
}

export interface BoardMeasures {
  readonly latencies: Latencies
  /** Of these, seen with the player's name in the top. */
  readonly seenInTop: number
  /** Pairs of an answer and a client that never got a board with it. */
  readonly missing: number
  /** Answers left out because another one of the same player was on its way at the same time. */
  readonly overlapping: number
}

/** More observers than this add work and no knowledge. */
const MOST_OBSERVERS = 200
/** A client that goes away within this time may well have missed the board. */
const FARE_WELL_MS = 1_000

export const createMeasures = (clock: () => number): Measures => {
  const accepted = createLatencies()
  const ownScore = createLatencies()
  const seenSoFar = createLatencies()
  const attempts = new Set<Attempt>()
  const latest = new Map<string, Attempt>()
  /** By player and question. */
  const unscored = new Map<string, Attempt>()
  const logs: FrameLog[] = []

  const observe = (playerId?: string): Observer => {
    const log: FrameLog = { playerId, since: clock(), until: undefined, versions: [], times: [] }
    logs.push(log)
    return {
      frame: ({ version, top, me }) => {
        const now = clock()
        log.versions.push(version)
        log.times.push(now)
        for (const entry of top) {
          const attempt = latest.get(entry.playerId)
          if (attempt === undefined || entry.playerId === playerId || entry.score <= attempt.scoreBefore) continue
          if (log.since > attempt.sentAt || attempt.seenInTop.has(log)) continue
          attempt.seenInTop.set(log, now)
          seenSoFar.record(now - attempt.sentAt)
        }
        const own = playerId === undefined ? undefined : latest.get(playerId)
        if (own !== undefined && me !== undefined && me.score > own.scoreBefore) own.version ??= version
      },
      gone: () => {
        log.until ??= clock()
      },
    }
  }

  const boards = (): BoardMeasures => {
    const latencies = createLatencies()
    let seenInTop = 0
    let missing = 0
    let overlapping = 0
    for (const attempt of attempts) {
      const { playerId, sentAt } = attempt
      // An answer that earned nothing changes no score, so there is nothing to be seen of it.
      if (attempt.points === undefined || attempt.points === 0) continue
      if (attempt.overlaps) {
        overlapping += 1
        continue
      }
      for (const log of logs.slice(0, MOST_OBSERVERS)) {
        if (log.playerId === playerId || log.since > sentAt) continue
        const direct = attempt.seenInTop.get(log)
        const at = direct ?? arrivalOf(attempt.version, log)
        if (direct !== undefined) seenInTop += 1
        if (at !== undefined) latencies.record(at - sentAt)
        else if (log.until === undefined || log.until > sentAt + FARE_WELL_MS) missing += 1
      }
    }
    return { latencies, seenInTop, missing, overlapping }
  }

  return {
    accepted,
    ownScore,
    seenSoFar,
    observe,
    sending: (playerId, questionId, scoreBefore) => {
      const attempt: Attempt = {
        playerId,
        questionId,
        scoreBefore,
        version: undefined,
        seenInTop: new Map(),
        points: undefined,
        overlaps: false,
        sentAt: clock(),
      }
      const previous = latest.get(playerId)
      if (previous !== undefined && isUnderWay(previous)) previous.overlaps = attempt.overlaps = true
      attempts.add(attempt)
      latest.set(playerId, attempt)
      unscored.set(`${playerId} ${questionId}`, attempt)
      return attempt
    },
    wasAccepted: ({ sentAt }) => accepted.record(clock() - sentAt),
    withdraw: (attempt) => {
      const { playerId, questionId } = attempt
      attempts.delete(attempt)
      unscored.delete(`${playerId} ${questionId}`)
      if (latest.get(playerId) === attempt) latest.delete(playerId)
    },
    wasScored: (playerId, questionId, points) => {
      const attempt = unscored.get(`${playerId} ${questionId}`)
      if (attempt === undefined) return
      unscored.delete(`${playerId} ${questionId}`)
      attempt.points = points
      ownScore.record(clock() - attempt.sentAt)
    },
    boards,
  }
}

const isUnderWay = ({ points, version }: Attempt): boolean =>
  points === undefined || (points > 0 && version === undefined)
