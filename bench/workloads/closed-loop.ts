import { setTimeout as sleep } from 'node:timers/promises'
import type { SendReport, SendTask, TimedRequest } from '../generators/sender.ts'
import { type Crowd, openEverywhere, type watchBacklog } from '../lib/crowd.ts'
import { type Child, type CpuTimes, cpuBetween } from '../lib/processes.ts'

const PATIENCE_MS = 60_000

/** What the last answers still cost when no worker has anything left to do: frames of boards, spans that wait to be sent. */
const REST_MS = 300

export interface ClosedLoop {
  readonly accepted: number
  readonly refused: SendReport['refused']
  /** From the first request to the last answer. */
  readonly seconds: number
}

/** Every connection sends its next request when it has the last one's answer: for the most that can go through, never for latencies. */
export const saturate = async (
  sender: Child,
  { port, connections, requests, repeat = 1 }: Pick<SendTask, 'port' | 'connections' | 'requests' | 'repeat'>,
): Promise<ClosedLoop> => {
  const task = { port, connections, requests, repeat }
  const order: SendTask = { ...task, pattern: { kind: 'even', withinMs: 0 }, expected: 202, patienceMs: PATIENCE_MS }
  const { acceptedAt, startAt, accepted, refused } = await sender.ask<SendReport>(order, PATIENCE_MS + 10_000)
  const lastAt = acceptedAt.reduce((last, at) => (Number.isNaN(at) ? last : Math.max(last, at)), startAt)
  return { accepted, refused, seconds: (lastAt - startAt) / 1_000 }
}

export interface AnsweredQuestion extends ClosedLoop {
  /** By process and accepted answer, microseconds. */
  readonly cpu: CpuTimes
  readonly requests: readonly TimedRequest[]
}

/** All players of the crowds answer their next question; the CPU time is taken when all of it is on the boards. */
export const answerQuestion = async (
  sender: Child,
  side: {
    readonly port: number
    readonly connections: number
    readonly crowds: readonly Crowd[]
    readonly backlog: Awaited<ReturnType<typeof watchBacklog>>
    cpu(): CpuTimes | Promise<CpuTimes>
  },
): Promise<AnsweredQuestion> => {
  const requests = await openEverywhere(side.crowds)
  const before = await side.cpu()
  const played = await saturate(sender, { ...side, requests })
  await side.backlog.empty()
  await sleep(REST_MS)
  const used = Object.entries(cpuBetween(before, await side.cpu()))
  return {
    ...played,
    requests,
    cpu: Object.fromEntries(used.map(([name, micros]) => [name, micros / played.accepted])),
  }
}
