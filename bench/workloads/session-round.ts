import type { AnswersReport, AnswersTask, TimedRequest } from '../generators/answers.ts'
import type { WatchReport, WatchTask } from '../generators/watchers.ts'
import type { Child } from '../lib/child.ts'
import { createLatencies, type Latencies } from '../lib/latencies.ts'
import { type CpuTimes, cpuBetween } from '../lib/stack-cpu.ts'
import type { FeedName } from './feeds.ts'
import type { Phones, PhonesReport } from './phones.ts'

/** One system that a whole session of players answers on; the same generators for all of them. */
export interface SessionTarget {
  readonly name: string
  readonly port: number
  readonly feed: FeedName
  readonly streams: WatchTask['streams']
  /** Opens a question and resolves with everybody's answer to it. */
  open(): Promise<readonly TimedRequest[]>
  /** CPU time so far by process, microseconds. */
  cpu(): CpuTimes
  /** After the last round: is what it stored what it accepted? */
  checks(accepted: number): Promise<readonly { readonly sentence: string; readonly holds: boolean }[]>
}

export interface RoundFigures {
  readonly sent: number
  readonly bodyBytes: number
  readonly acceptedCount: number
  readonly refused: Readonly<Record<string, number>>
  readonly accepted: Latencies
  /** Of the players watched: until the player is told the own score with the answer's points. */
  readonly own: Latencies
  /** Until a board with them was on another client. */
  readonly visible: Latencies
  readonly lag: Latencies
  /** Answers without an effect on the own board, or on the other one. */
  readonly unseen: number
  readonly watch: Pick<PhonesReport, 'frames' | 'bytes' | 'backwards' | 'closed'>
  readonly cpu: CpuTimes
  /** From the first answer due to the last one accepted. */
  readonly seconds: number
}

const WITHIN_MS = 2_000
/** Phones have one each; beyond this many there is always a free one. */
const CONNECTIONS = 2_000
/** For the answers, and then for the boards. */
const PATIENCE_MS = 40_000

/** Everybody answers one question within two seconds. */
export const playRound = async (target: SessionTarget, sender: Child, phones: Phones): Promise<RoundFigures> => {
  const requests = await target.open()
  await phones.startRound()
  const before = target.cpu()
  const task: AnswersTask = {
    port: target.port,
    connections: Math.min(CONNECTIONS, requests.length),
    withinMs: WITHIN_MS,
    requests,
    expected: 202,
    patienceMs: PATIENCE_MS,
  }
  phones.standStill()
  const answers = await sender.ask<AnswersReport>(task, WITHIN_MS + PATIENCE_MS + 10_000)
  const seen = await phones.settle((index) => !Number.isNaN(answers.acceptedAt[index]))
  const figures = figuresOf(answers, seen, phones.placeOf, cpuBetween(before, target.cpu()))
  return { ...figures, bodyBytes: Buffer.byteLength(requests[0]?.body ?? '') }
}

const figuresOf = (
  { startAt, intendedAt, acceptedAt, lags, refused }: AnswersReport,
  { watched: { ownVersion, ownAt, boards }, untold, ...watch }: PhonesReport,
  placeOf: Phones['placeOf'],
  cpu: CpuTimes,
): Omit<RoundFigures, 'bodyBytes'> => {
  const [accepted, own, visible, lag] = [createLatencies(), createLatencies(), createLatencies(), createLatencies()]
  const count = intendedAt.length
  let [acceptedCount, unseen, last] = [0, untold, startAt]
  for (const ms of lags) lag.record(ms)
  for (let index = 0; index < count; index++) {
    const intended = intendedAt[index] ?? Number.NaN
    const at = acceptedAt[index] ?? Number.NaN
    if (Number.isNaN(at)) continue
    acceptedCount += 1
    last = Math.max(last, at)
    accepted.record(at - intended)
    const place = placeOf(index)
    if (place === undefined) continue
    // Half the audience away: another client that has nothing to do with this one.
    const other = boards[(place + (boards.length >> 1)) % boards.length]
    const seenAt = firstSince(other, ownVersion[place] ?? Number.NaN)
    const ownSeenAt = ownAt[place] ?? Number.NaN
    if (Number.isNaN(ownSeenAt) || seenAt === undefined) unseen += 1
    else {
      own.record(ownSeenAt - intended)
      visible.record(seenAt - intended)
    }
  }
  return {
    sent: count,
    acceptedCount,
    refused,
    accepted,
    own,
    visible,
    lag,
    unseen,
    watch,
    cpu,
    seconds: (last - startAt) / 1_000,
  }
}

const firstSince = (boards: WatchReport['boards'][number] | undefined, version: number): number | undefined => {
  if (boards === undefined || Number.isNaN(version)) return undefined
  const place = boards.versions.findIndex((each) => each >= version)
  return place === -1 ? undefined : boards.at[place]
}
