import pg from 'pg'
import type { Stack } from '../../deploy/local/stack.ts'
import type { SendReport, SendTask, TimedRequest } from '../generators/sender.ts'
import { createSession, hostOf } from '../lib/crowd.ts'
import { cpuBetween, stackCpu } from '../lib/processes.ts'
import { type Check, cpuChart, defineScenario, generatorCheck, judge, latencyChart } from '../lib/scenario.ts'
import { createLatencies, median, summarize, sumOf } from '../lib/statistics.ts'
import { refusalsOf } from '../workloads/round.ts'

const PATIENCE_MS = 20_000
const CONNECTIONS = 500

/** Made in advance: signing is the identity provider's work. */
const joinRequests = async (
  stack: Stack,
  sessionId: string,
  players: number,
  round: number,
): Promise<TimedRequest[]> => {
  const requests: TimedRequest[] = []
  for (let index = 0; index < players; index++) {
    const token = await stack.issuer.token({ sub: `user-${round}-${index}`, name: `Player ${index}` })
    requests.push({ path: `/v1/sessions/${sessionId}/join`, token, body: '{}' })
  }
  return requests
}

/** Players of a session, and how many different places they have in the order of joining. */
const seatsOf = async (database: pg.Client, sessionId: string): Promise<{ players: number; places: number }> => {
  const { rows } = await database.query(
    'SELECT count(*)::int AS players, count(DISTINCT join_order)::int AS places FROM players WHERE session_id = $1',
    [sessionId],
  )
  return rows[0]
}

export const scenario = defineScenario({
  name: 'join-storm',
  summary: 'thousands of users join one session within five seconds',
  seconds: 40,
  options: {
    players: { help: 'users who join', default: '5000', quick: '500' },
    seconds: { help: 'within so many seconds, evenly', default: '5', quick: '1' },
    rounds: { help: 'sessions that count', default: '3', quick: '1' },
    edges: { help: 'copies of the edge', default: '1' },
  },
  run: async (context) => {
    const { players, seconds, rounds, edges } = context.numbers
    const stack = await context.stack({ copies: { edge: edges } })
    const database = new pg.Client({ connectionString: stack.urls.postgres })
    await database.connect()
    context.defer(() => database.end())
    const host = await hostOf(stack)
    const sender = context.start('generators/sender.ts', { isPunctual: true, isGenerator: true })

    const [all, lag] = [createLatencies(), createLatencies()]
    const p99s: number[] = []
    const cpu: Record<string, number>[] = []
    const checks: Check[] = []
    for (let round = 0; round <= rounds; round++) {
      const settings = { access: 'users', maxParticipants: players, advance: 'manual' } as const
      const sessionId = await createSession(host, 1, settings)
      const task: SendTask = {
        port: Number(new URL(stack.urls.edge).port),
        connections: Math.min(CONNECTIONS, players),
        pattern: { kind: 'even', withinMs: seconds * 1_000 },
        requests: await joinRequests(stack, sessionId, players, round),
        expected: 200,
        patienceMs: PATIENCE_MS,
      }
      const before = stackCpu(stack)
      const report = await sender.ask<SendReport>(task, seconds * 1_000 + PATIENCE_MS + 10_000)
      const used = cpuBetween(before, stackCpu(stack))
      const own = createLatencies()
      for (const [index, at] of report.acceptedAt.entries()) {
        if (!Number.isNaN(at)) own.record(at - (report.intendedAt[index] ?? Number.NaN))
      }
      context.progress(
        `${round === 0 ? 'warming' : `round ${round} of ${rounds}`}: ${own.count} joined, p99 ${own.percentile(99).toFixed(1)} ms`,
      )
      const seats = await seatsOf(database, sessionId)
      checks.push({
        sentence: `round ${round}: ${players} asked, ${own.count} joined, ${seats.players} have a seat, ${seats.places} places ${refusalsOf([report])}`,
        holds: [own.count, seats.players, seats.places].every((count) => count === players),
      })
      if (round === 0) continue
      all.merge(own.encode())
      for (const ms of report.lags) lag.record(ms)
      p99s.push(own.percentile(99))
      cpu.push(Object.fromEntries(Object.entries(used).map(([name, micros]) => [name, micros / players])))
    }
    return {
      verdict: judge([...checks, generatorCheck(lag.percentile(99))]),
      figures: [
        { name: 'join, p50', unit: 'ms', value: all.percentile(50) },
        { name: 'join, p99', unit: 'ms', ...summarize(p99s), goal: { direction: 'at most', value: 100 } },
        {
          name: 'CPU per join, all processes',
          unit: 'µs',
          ...summarize(cpu.map((each) => sumOf(Object.values(each)))),
        },
      ],
      latencies: [all.row('join → player token'), lag.row('generator later than intended')],
      charts: [
        latencyChart(`${players} users join one session within ${seconds} s`, [all.curve('join')]),
        cpuChart(
          'CPU time per join',
          'join',
          Object.keys(cpu[0] ?? {}).map((name) => ({
            name,
            parts: [{ name: 'CPU', value: median(cpu.map((each) => each[name] ?? 0)) }],
          })),
        ),
      ],
      notes: ['Every join brings a user token that the edge has not seen before.'],
    }
  },
})
