import { setTimeout as sleep } from 'node:timers/promises'
import type { AnswersReport, AnswersTask, TimedRequest } from '../generators/answers.ts'
import type { WatchCount, WatchReport, WatchTask } from '../generators/watchers.ts'
import type { Child } from '../lib/child.ts'
import { createLatencies, type Latencies } from '../lib/latencies.ts'
import { type CpuTimes, cpuBetween } from '../lib/stack-cpu.ts'
import type { FeedName } from './feeds.ts'

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
  /** Until the player is told the own score with the answer's points. */
  readonly own: Latencies
  /** Until a board with them was on another client. */
  readonly visible: Latencies
  readonly lag: Latencies
  /** Answers without an effect on the own board, or on the other one. */
  readonly unseen: number
  readonly watch: Pick<WatchReport, 'frames' | 'bytes' | 'backwards' | 'closed'>
  readonly cpu: CpuTimes
  /** From the first answer due to the last one accepted. */
  readonly seconds: number
}

const WITHIN_MS = 2_000
const CONNECTIONS = 250
/** For the answers, and then for the boards. */
const PATIENCE_MS = 40_000
const SETTLE_MS = 1_500

/** Everybody answers one question within two seconds. */
export const playRound = async (target: SessionTarget, sender: Child, watchers: Child): Promise<RoundFigures> => {
  const requests = await target.open()
  await watchers.ask({ kind: 'round' })
  const before = target.cpu()
  const task: AnswersTask = {
    port: target.port,
    connections: Math.min(CONNECTIONS, requests.length),
    withinMs: WITHIN_MS,
    requests,
    expected: 202,
    patienceMs: PATIENCE_MS,
  }
  const answers = await sender.ask<AnswersReport>(task, WITHIN_MS + PATIENCE_MS + 10_000)
  const watch = await settled(watchers, answers)
  const figures = figuresOf(answers, watch, cpuBetween(before, target.cpu()))
  return { ...figures, bodyBytes: Buffer.byteLength(requests[0]?.body ?? '') }
}

/** Boards come after the answers: waits until everybody has theirs, or nothing has come for a while. */
const settled = async (watchers: Child, { acceptedAt }: AnswersReport): Promise<WatchReport> => {
  const expected = acceptedAt.filter((at) => !Number.isNaN(at)).length
  let frames = -1
  let since = performance.now()
  for (;;) {
    const count = await watchers.ask<WatchCount>({ kind: 'count' })
    if (count.frames !== frames) since = performance.now()
    frames = count.frames
    const quietMs = performance.now() - since
    if (quietMs > (count.own >= expected ? SETTLE_MS : PATIENCE_MS / 4)) {
      return watchers.ask<WatchReport>({ kind: 'report' })
    }
    await sleep(250)
  }
}

const figuresOf = (
  { startAt, intendedAt, acceptedAt, lags, refused }: AnswersReport,
  { ownVersion, ownAt, boards, ...watch }: WatchReport,
  cpu: CpuTimes,
): Omit<RoundFigures, 'bodyBytes'> => {
  const [accepted, own, visible, lag] = [createLatencies(), createLatencies(), createLatencies(), createLatencies()]
  const count = intendedAt.length
  let [acceptedCount, unseen, last] = [0, 0, startAt]
  for (const ms of lags) lag.record(ms)
  for (let index = 0; index < count; index++) {
    const intended = intendedAt[index] ?? Number.NaN
    const at = acceptedAt[index] ?? Number.NaN
    if (Number.isNaN(at)) continue
    acceptedCount += 1
    last = Math.max(last, at)
    accepted.record(at - intended)
    // Half the session away: another client that has nothing to do with this one.
    const seenAt = firstSince(boards[(index + (count >> 1)) % count], ownVersion[index] ?? Number.NaN)
    const ownSeenAt = ownAt[index] ?? Number.NaN
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
