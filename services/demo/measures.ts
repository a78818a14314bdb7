import { build } from 'hdr-histogram-js'
import type { EventData } from '#client'

type Frame = EventData['leaderboard.updated']

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

interface BoardMeasures {
  /** To the next board that the client was sent: none is sent while nothing that it shows changes. */
  readonly latencies: Latencies
  /** Of these, to boards with the player's name and new score in the top. */
  readonly inTop: Latencies
  readonly seenInTop: number
  /** Pairs of an answer and a client that never got a board with it, although the top that it shows is not the newest. */
  readonly missing: number
  /** Answers left out because another one of the same player was on its way at the same time. */
  readonly overlapping: number
}

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
interface Observer {
  frame(frame: Frame): void
  /** It sees nothing any more. */
  gone(): void
}

/** The boards that one client got while it was connected. */
interface FrameLog {
  /** Undefined for the host. */
  readonly playerId: string | undefined
  readonly since: number
  until: number | undefined
  /** They never go back. */
  readonly versions: number[]
  readonly times: number[]
  /** The top of the last one. */
  top: string
  /** When it disconnected, another client had been shown a newer top for a while. */
  wasBehind: boolean
}

/** When a client first got this version or a later one: searched by halves. */
const arrivalOf = (
  version: number | undefined,
  { versions, times }: Pick<FrameLog, 'versions' | 'times'>,
): number | undefined => {
  if (version === undefined) return undefined
  let [low, high] = [0, versions.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((versions[middle] ?? 0) < version) low = middle + 1
    else high = middle
  }
  return times[low]
}

/** More observers than this add work and no information. */
const MAX_OBSERVERS = 200
/** A client that disconnects within this time may well have missed the board. */
const GRACE_MS = 1_000

export const createMeasures = (clock: () => number): Measures => {
  const accepted = createLatencies()
  const ownScore = createLatencies()
  const seenSoFar = createLatencies()
  const attempts = new Set<Attempt>()
  const latest = new Map<string, Attempt>()
  /** By player and question. */
  const unscored = new Map<string, Attempt>()
  const logs: FrameLog[] = []
  /** The top of the newest board that any client got. */
  let newest = { version: 0, top: '', at: 0 }

  const observe = (playerId?: string): Observer => {
    const log: FrameLog = {
      playerId,
      since: clock(),
      until: undefined,
      versions: [],
      times: [],
      top: '',
      wasBehind: false,
    }
    logs.push(log)
    return {
      frame: ({ version, top, me }) => {
        const now = clock()
        log.versions.push(version)
        log.times.push(now)
        log.top = JSON.stringify(top)
        if (version >= newest.version) newest = { version, top: log.top, at: log.top === newest.top ? newest.at : now }
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
        if (log.until !== undefined) return
        log.until = clock()
        log.wasBehind = log.top !== newest.top && newest.at < log.until - GRACE_MS
      },
    }
  }

  const boards = (): BoardMeasures => {
    const latencies = createLatencies()
    const inTop = createLatencies()
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
      for (const log of logs.slice(0, MAX_OBSERVERS)) {
        const isBehind = log.until === undefined ? log.top !== newest.top : log.wasBehind
        if (log.playerId === playerId || log.since > sentAt) continue
        const direct = attempt.seenInTop.get(log)
        const at = direct ?? arrivalOf(attempt.version, log)
        if (direct !== undefined) inTop.record(direct - sentAt)
        if (at !== undefined) latencies.record(at - sentAt)
        else if (isBehind && (log.until === undefined || log.until > sentAt + GRACE_MS)) missing += 1
      }
    }
    return { latencies, inTop, seenInTop: inTop.count, missing, overlapping }
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

/** Durations in milliseconds, kept in microseconds with three digits. */
export interface Latencies {
  record(ms: number): void
  readonly count: number
  percentile(percent: number): number
  readonly max: number
}

const MICROSECONDS = 1_000
const HIGHEST_US = 600_000_000

export const createLatencies = (): Latencies => {
  const histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
  })
  return {
    record: (ms) => histogram.recordValue(Math.min(HIGHEST_US, Math.max(1, Math.round(ms * MICROSECONDS)))),
    get count() {
      return histogram.totalCount
    },
    percentile: (percent) => histogram.getValueAtPercentile(percent) / MICROSECONDS,
    get max() {
      return histogram.maxValue / MICROSECONDS
    },
  }
}

/** 3.1 ms, p99 12.0 ms */
export const briefly = (latencies: Latencies): string =>
  latencies.count === 0
    ? '–'
    : `${latencies.percentile(50).toFixed(1)} ms, p99 ${latencies.percentile(99).toFixed(1)} ms`
