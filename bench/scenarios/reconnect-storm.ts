import { setTimeout as sleep } from 'node:timers/promises'
import type { PodiumClient } from '#client'
import type { Stack } from '../../deploy/local/stack.ts'
import type { StormReport, StormTask } from '../generators/storm-clients.ts'
import { createSession, hostOf } from '../lib/crowd.ts'
import { defineScenario, judge, latencyChart } from '../lib/scenario.ts'
import { latenciesOf, sumOf } from '../lib/statistics.ts'

/** Milliseconds between two events of the session while the edge is killed. */
const EVENT_MS = 200
/** Events before and after the kill. */
const BEFORE_MS = 1_000

type Client = StormReport['clients'][number]

/** Counts events that a stream showed twice or out of order, and those that it neither showed nor covered by a snapshot. */
const compare = (clients: readonly Client[]): { missed: number; repeated: number; events: number } => {
  const history = [...new Set(clients.flatMap(({ log }) => log.filter((id) => id > 0)))].toSorted((a, b) => a - b)
  const place = new Map(history.map((id, index) => [id, index]))
  let missed = 0
  let repeated = 0
  for (const { log } of clients) {
    // How much of the history the client has got.
    let got = 0
    for (const id of log) {
      const index = place.get(id)
      if (index === undefined) {
        while (got < history.length && (history[got] ?? 0) <= -id) got += 1
      } else if (index < got) repeated += 1
      else {
        missed += index - got
        got = index + 1
      }
    }
    missed += history.length - got
  }
  return { missed, repeated, events: history.length }
}

/** Events one after the other, the kill among them, and when it was; wall clock. */
const playAndKill = async (stack: Stack, host: PodiumClient, sessionId: string, seconds: number): Promise<number> => {
  const until = Date.now() + seconds * 1_000
  const killing = sleep(BEFORE_MS).then(async () => {
    const killedAt = Date.now()
    await stack.process('edge', 1).kill('SIGKILL')
    return killedAt
  })
  for (let isLocked = false; Date.now() < until; isLocked = !isLocked) {
    await host.control(sessionId, isLocked ? 'unlock' : 'lock').catch(() => undefined) // its edge may be the killed one
    await sleep(EVENT_MS)
  }
  return killing
}

export const scenario = defineScenario({
  name: 'reconnect-storm',
  summary: 'an edge is killed and its players reconnect to another one, with the client library',
  seconds: 35,
  options: {
    clients: { help: 'players on two edges', default: '2000', quick: '400' },
    processes: { help: 'processes that play them', default: '4', quick: '2' },
    transport: { help: 'ws or sse', default: 'ws' },
    seconds: { help: 'length of the stream of events that the kill is in', default: '10', quick: '6' },
  },
  run: async (context) => {
    const { options } = context
    const { clients, processes, seconds } = context.numbers
    const stack = await context.stack({ copies: { edge: 2 } })
    const host = await hostOf(stack)
    const sessionId = await createSession(host, 1, { maxParticipants: clients, advance: 'manual' })
    const children = Array.from({ length: processes }, () => context.start('generators/storm-clients.ts'))
    const task: StormTask = {
      baseUrl: stack.urls.edge,
      sessionId,
      clients: Math.ceil(clients / processes),
      transport: options.transport === 'sse' ? 'sse' : 'ws',
    }
    await Promise.all(children.map((child) => child.ask(task, 120_000)))
    context.progress(`${task.clients * processes} players connected over ${task.transport}`)
    const killedAt = await playAndKill(stack, host, sessionId, seconds)
    await sleep(1_000)
    const reports = await Promise.all(children.map((child) => child.ask<StormReport>('report')))

    const all = reports.flatMap((report) => report.clients)
    const times = (how: 'resumed' | 'snapshot') =>
      latenciesOf(all.flatMap(({ back }) => (back?.how === how ? [back.at - killedAt] : [])))
    const [resumed, replaced] = [times('resumed'), times('snapshot')]
    const down = all.filter(({ isDown }) => isDown).length
    const { missed, repeated, events } = compare(all)
    const lost = resumed.count + replaced.count + down
    return {
      verdict: judge([
        {
          sentence: `${events} events meanwhile: ${missed} missed by a player, ${repeated} got twice`,
          holds: missed + repeated === 0,
        },
        { sentence: `${lost} players lost their edge, ${down} are not back`, holds: down === 0 && lost > 0 },
      ]),
      figures: [
        { name: 'kill to stream.resumed, p50', unit: 'ms', value: resumed.percentile(50) },
        { name: 'kill to stream.resumed, p99', unit: 'ms', value: resumed.percentile(99) },
        { name: 'players who lost their edge', unit: '', value: lost },
        {
          name: 'CPU of the clients since the kill',
          unit: 's',
          value: sumOf(reports.map(({ cpuSeconds }) => cpuSeconds)),
        },
      ],
      latencies: [
        resumed.row('kill → stream.resumed'),
        ...(replaced.count > 0 ? [replaced.row('kill → session.snapshot instead')] : []),
      ],
      charts: [
        latencyChart(`From the kill to the resumed stream of ${lost} players`, [resumed.curve('resumed')], 'linear'),
      ],
      notes: [
        'Clients wait a random time before they come back, so that a new edge is not overrun: most of the time is theirs.',
      ],
    }
  },
})
