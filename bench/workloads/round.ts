import type { Pattern } from '../generators/schedule.ts'
import type { SendReport, SendTask, TimedRequest } from '../generators/sender.ts'
import type { WatchedBoards } from '../generators/watchers.ts'
import { type Child, type CpuTimes, cpuBetween } from '../lib/processes.ts'
import type { Check } from '../lib/scenario.ts'
import { createLatencies, type Latencies, latenciesOf } from '../lib/statistics.ts'
import type { Audience, AudienceReport } from './audience.ts'
import type { FeedName } from './feeds.ts'

/** One system that players answer on; the same generators for all of them. */
export interface Target {
  readonly name: string
  readonly port: number
  readonly feed: FeedName
  /** Of the first players. */
  readonly streams: readonly { readonly path: string; readonly token: string }[]
  /** So many streams, one after the other, see each other's scores; default all. */
  readonly groupSize?: number
  /** Opens a question and resolves with every player's answer to it. */
  open(): Promise<readonly TimedRequest[]>
  /** CPU time so far by process, microseconds. */
  cpu(): CpuTimes
  /** Resolves with the monotonic time at which all accepted answers were on their boards; by default the streams tell. */
  drained?(): Promise<number>
  /** After the last round: is what it stored what it accepted? */
  checks(accepted: number): Promise<readonly Check[]>
}

export interface Round {
  readonly sent: number
  readonly acceptedCount: number
  readonly bodyBytes: number
  readonly refused: Readonly<Record<string, number>>
  readonly accepted: Latencies
  /** Of the players watched: until the player has the own score with the answer's points. */
  readonly own: Latencies
  /** Until a board with them was on another client. */
  readonly visible: Latencies
  readonly lag: Latencies
  /** Accepted answers without an effect on the own board, or, where all clients get every board, on another one. */
  readonly unseen: number
  readonly audience: Pick<AudienceReport, 'frames' | 'bytes' | 'backwards' | 'closed'>
  readonly cpu: CpuTimes
  readonly generatorMicros: number
  /** From the first answer due to the last one accepted. */
  readonly seconds: number
  /** Accepted answers per second, from the first one due until all were on their boards; NaN without `drained`. */
  readonly perSecond: number
}

/** For the answers, and then for the boards. */
const PATIENCE_MS = 40_000

/** Every player answers one question. */
export const playRound = async (
  target: Target,
  sender: Child,
  audience: Audience,
  { pattern, connections }: { readonly pattern: Pattern; readonly connections: number },
): Promise<Round> => {
  const requests = await target.open()
  await audience.startRound()
  const before = target.cpu()
  const task = { port: target.port, pattern, connections, requests, expected: 202, patienceMs: PATIENCE_MS }
  audience.suspend()
  const sent = await sender.ask<SendReport>(task satisfies SendTask, 120_000)
  const drainedAt = await target.drained?.()
  const atDrained = drainedAt === undefined ? undefined : target.cpu()
  const seen = await audience.settle((index) => !Number.isNaN(sent.acceptedAt[index]))
  return {
    ...figuresOf(sent, seen, audience.placeOf, target.groupSize ?? seen.watched.boards.length),
    bodyBytes: Buffer.byteLength(requests[0]?.body ?? ''),
    cpu: cpuBetween(before, atDrained ?? target.cpu()),
    perSecond: (sent.accepted * 1_000) / ((drainedAt ?? Number.NaN) - sent.startAt),
  }
}

const figuresOf = (
  { startAt, intendedAt, acceptedAt, lags, accepted: acceptedCount, refused, cpuMicros }: SendReport,
  { watched: { ownVersion, ownAt, boards }, missing, frames, bytes, backwards, closed }: AudienceReport,
  placeOf: Audience['placeOf'],
  groupSize: number,
) => {
  const [accepted, own, visible] = [createLatencies(), createLatencies(), createLatencies()]
  let [unseen, last] = [missing, startAt]
  for (const [index, intended] of intendedAt.entries()) {
    const at = acceptedAt[index] ?? Number.NaN
    if (Number.isNaN(at)) continue
    last = Math.max(last, at)
    accepted.record(at - intended)
    const place = placeOf(index)
    if (place === undefined) continue
    const version = ownVersion[place] ?? Number.NaN
    const ownSeenAt = ownAt[place] ?? Number.NaN
    if (Number.isNaN(ownSeenAt) || Number.isNaN(version)) {
      unseen += 1
      continue
    }
    own.record(ownSeenAt - intended)
    const first = place - (place % groupSize)
    const size = Math.min(groupSize, boards.length - first)
    // From a distance of half a group on: another client that has nothing to do with this one.
    const others = Array.from({ length: size - 1 }, (_, n) => {
      const distance = 1 + ((n + (size >> 1)) % (size - 1))
      return boards[first + ((place - first + distance) % size)]
    })
    if (boards[place]?.versions.includes(version) !== true) {
      // The own score came by itself; the first board since then has it.
      const seenAt = firstSince(others[0], version)
      if (seenAt === undefined) unseen += 1
      else visible.record(seenAt - intended)
      continue
    }
    // A client whose top and own place stay the same gets no frame, so one is asked that did get this board, if any did.
    const boardAt = others.map((other) => other?.at[other.versions.indexOf(version)]).find((each) => each !== undefined)
    if (boardAt !== undefined) visible.record(boardAt - intended)
  }
  return {
    sent: intendedAt.length,
    acceptedCount,
    refused,
    accepted,
    own,
    visible,
    lag: latenciesOf(lags),
    unseen,
    audience: { frames, bytes, backwards, closed },
    generatorMicros: cpuMicros,
    seconds: (last - startAt) / 1_000,
  }
}

const firstSince = (boards: WatchedBoards | undefined, version: number): number | undefined => {
  if (boards === undefined || Number.isNaN(version)) return undefined
  const place = boards.versions.findIndex((each) => each >= version)
  return place === -1 ? undefined : boards.at[place]
}

export const cpuPerAnswer = ({ cpu, acceptedCount }: Round): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(cpu).map(([name, micros]) => [name, micros / acceptedCount]))

/** `409 already-answered` and the like with their counts. */
export const refusalsOf = (rounds: readonly Pick<Round, 'refused'>[]): string =>
  rounds
    .flatMap(({ refused }) => Object.entries(refused))
    .map(([why, count]) => `${count} × ${why}`)
    .join(', ')
