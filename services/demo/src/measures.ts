import type { EventData } from '#client'
import { createLatencies, type Latencies } from './latencies.ts'

type Frame = EventData['leaderboard.updated']

/** One answer on its way, by the monotonic clock of this process. */
export interface Attempt {
  readonly player: number
  /** Just before it was sent for the first time. */
  readonly sentAt: number
  /** The player's score before it. */
  readonly scoreBefore: number
  /** Version of the first board that the player got with more points for itself. */
  version: number | undefined
  /** When another client got a board with this player and more points in its top. */
  readonly seenInTop: Map<number, number>
  /** What the server said that it earned; undefined while it has not. */
  points: number | undefined
  /** The effect of one of two answers had not arrived when the second was sent, so that they cannot be told apart. */
  overlaps: boolean
}

/**
 * Measures from the moment just before an answer is sent to the moments at which its effect arrived: 202, the player's own
 * `score.updated`, and a leaderboard that contains the new score at every other client.
 */
export interface Measures {
  readonly accepted: Latencies
  readonly ownScore: Latencies
  sending(player: number, playerId: string, questionId: string, scoreBefore: number): Attempt
  wasAccepted(attempt: Attempt): void
  wasScored(playerId: string, questionId: string, points: number): void
  /** A client got a leaderboard. */
  frame(client: number, playerId: string | undefined, frame: Frame): void
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

export const createMeasures = (clock: () => number): Measures => {
  const accepted = createLatencies()
  const ownScore = createLatencies()
  const attempts: Attempt[] = []
  const latest = new Map<string, Attempt>()
  /** By player and question. */
  const unscored = new Map<string, Attempt>()
  /** Per client: versions it got, in order, and when. */
  const logs: { versions: number[]; times: number[] }[] = []

  const frame = (client: number, playerId: string | undefined, { version, top, me }: Frame): void => {
    const now = clock()
    logs[client] ??= { versions: [], times: [] }
    logs[client].versions.push(version)
    logs[client].times.push(now)
    for (const entry of top) {
      const attempt = latest.get(entry.playerId)
      if (attempt === undefined || attempt.player === client || entry.score <= attempt.scoreBefore) continue
      if (!attempt.seenInTop.has(client)) attempt.seenInTop.set(client, now)
    }
    const own = playerId === undefined ? undefined : latest.get(playerId)
    if (own !== undefined && me !== undefined && me.score > own.scoreBefore) own.version ??= version
  }

  const boards = (): BoardMeasures => {
    const latencies = createLatencies()
    let seenInTop = 0
    let missing = 0
    let overlapping = 0
    const observers = [...logs.keys()].slice(-MOST_OBSERVERS)
    for (const attempt of attempts) {
      // An answer that earned nothing changes no score, so there is nothing to be seen of it.
      if (attempt.points === undefined || attempt.points === 0) continue
      if (attempt.overlaps) {
        overlapping += 1
        continue
      }
      for (const client of observers) {
        if (client === attempt.player) continue
        const direct = attempt.seenInTop.get(client)
        const at = direct ?? arrivalOf(attempt.version, logs[client])
        if (direct !== undefined) seenInTop += 1
        if (at === undefined) missing += 1
        else latencies.record(at - attempt.sentAt)
      }
    }
    return { latencies, seenInTop, missing, overlapping }
  }

  return {
    accepted,
    ownScore,
    sending: (player, playerId, questionId, scoreBefore) => {
      const attempt: Attempt = {
        player,
        scoreBefore,
        version: undefined,
        seenInTop: new Map(),
        points: undefined,
        overlaps: false,
        sentAt: clock(),
      }
      const previous = latest.get(playerId)
      if (previous !== undefined && isUnderWay(previous)) previous.overlaps = attempt.overlaps = true
      attempts.push(attempt)
      latest.set(playerId, attempt)
      unscored.set(`${playerId} ${questionId}`, attempt)
      return attempt
    },
    wasAccepted: ({ sentAt }) => accepted.record(clock() - sentAt),
    wasScored: (playerId, questionId, points) => {
      const attempt = unscored.get(`${playerId} ${questionId}`)
      if (attempt === undefined) return
      unscored.delete(`${playerId} ${questionId}`)
      attempt.points = points
      ownScore.record(clock() - attempt.sentAt)
    },
    frame,
    boards,
  }
}

const isUnderWay = ({ points, version }: Attempt): boolean =>
  points === undefined || (points > 0 && version === undefined)

/** When a client first got this version or a later one. Versions of a log never go back, so this can search by halves. */
const arrivalOf = (
  version: number | undefined,
  log: { readonly versions: readonly number[]; readonly times: readonly number[] } | undefined,
): number | undefined => {
  if (version === undefined || log === undefined) return undefined
  let [low, high] = [0, log.versions.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((log.versions[middle] ?? 0) < version) low = middle + 1
    else high = middle
  }
  return log.times[low]
}
