import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { newAnswerId } from '#client'
import type { HttpLoadReport, HttpLoadRequest, HttpLoadTask } from '../generators/http-load.ts'
import { type Child, startChild } from '../lib/child.ts'
import { type Crowd, createCrowd, ledgerChecks, openNextQuestion, RIGHT_CHOICE } from '../lib/crowd.ts'
import { watchLedger } from '../lib/ledger-watch.ts'
import { cpuMicros } from '../lib/process-figures.ts'
import { defineScenario, judge, type ScenarioContext } from '../lib/scenario.ts'
import { type CpuTimes, cpuBetween, stackCpu } from '../lib/stack-cpu.ts'
import { median, summarize } from '../lib/statistics.ts'

type Context = ScenarioContext<'sessions' | 'players' | 'rounds' | 'connections' | 'edges'>

interface Round {
  readonly rate: number
  /** CPU per answer by process, microseconds. */
  readonly cpu: CpuTimes
  readonly edgeMicros: number
  readonly rawMicros: number
  readonly rawRate: number
  readonly others: Readonly<Record<string, number>>
}

/** What the last answers still cost after they are in the ledger: boards and their frames. */
const BOARD_MS = 300

const folder = join(import.meta.dirname, '..')

/** Everybody's answer to the question that is open, dealt to the connections. */
const answersOf = async (crowds: readonly Crowd[], connections: number): Promise<HttpLoadRequest[][]> => {
  const questions = await Promise.all(crowds.map(openNextQuestion))
  const lists = Array.from({ length: connections }, (): HttpLoadRequest[] => [])
  let next = 0
  for (const [index, { sessionId, players }] of crowds.entries()) {
    const questionId = questions[index]?.questionId
    for (const { token } of players) {
      const body = JSON.stringify({ answerId: newAnswerId(), questionId, choice: RIGHT_CHOICE })
      lists[next++ % connections]?.push({ path: `/v1/sessions/${sessionId}/answers`, token, body })
    }
  }
  return lists
}

/** The same requests to the raw server, again and again for a second. */
const playRaw = async (raw: Child, port: number, load: Child, requests: HttpLoadTask['requests']) => {
  const before = cpuMicros(raw.pid)
  const { seconds, answers } = await load.ask<HttpLoadReport>({ url: `http://127.0.0.1:${port}`, requests, seconds: 1 })
  const count = answers['202'] ?? 0
  return { rate: count / seconds, micros: (cpuMicros(raw.pid) - before) / count }
}

const start = (context: Context, file: string): Child => {
  const child = startChild(join(folder, file))
  context.defer(() => child.stop())
  return child
}

export const scenario = defineScenario({
  name: 'http',
  summary: 'as many new answers over HTTP as a closed loop can get accepted',
  seconds: 40,
  options: {
    sessions: { help: 'sessions at once', default: '8', quick: '2' },
    players: { help: 'players of each; every round has one answer of each', default: '1000', quick: '250' },
    rounds: { help: 'questions that count', default: '5', quick: '2' },
    connections: { help: 'connections, one request at a time on each', default: '100' },
    edges: { help: 'copies of the edge', default: '1' },
  },
  run: async (context) => {
    const [sessions, players, rounds, connections, edges] = [
      'sessions',
      'players',
      'rounds',
      'connections',
      'edges',
    ].map((name) => Number(context.options[name as keyof Context['options']])) as [
      number,
      number,
      number,
      number,
      number,
    ]
    const stack = await context.stack({ copies: { edge: edges } })
    const crowds: Crowd[] = []
    for (let n = 0; n < sessions; n++) {
      crowds.push(await createCrowd(stack, { players, questions: rounds + 1, closeWhenAllAnswered: false }))
    }
    context.progress(`${sessions} sessions with ${players} players each`)
    const raw = start(context, 'ceilings/uws-post.ts')
    const { port } = await raw.hear<{ port: number }>()
    const load = start(context, 'generators/http-load.ts')
    context.pinGenerator(load.pid)

    const ledger = await watchLedger(stack.urls.postgres)
    context.defer(ledger.close)
    let accepted = 0
    const played: Round[] = []
    for (let n = 0; n <= rounds; n++) {
      const requests = await answersOf(crowds, connections)
      const before = stackCpu(stack)
      const { seconds, answers } = await load.ask<HttpLoadReport>({ url: stack.urls.edge, requests })
      const { '202': count = 0, ...others } = answers
      accepted += count
      await ledger.reaches(accepted)
      await sleep(BOARD_MS)
      const cpu = cpuBetween(before, stackCpu(stack))
      const ceiling = await playRaw(raw, port, load, requests)
      const perAnswer = Object.fromEntries(Object.entries(cpu).map(([name, micros]) => [name, micros / count]))
      context.progress(`${n === 0 ? 'warming' : `round ${n} of ${rounds}`}: ${Math.round(count / seconds)} answers/s`)
      played.push({
        rate: count / seconds,
        cpu: perAnswer,
        edgeMicros: perAnswer.edge ?? Number.NaN,
        rawMicros: ceiling.micros,
        rawRate: ceiling.rate,
        others,
      })
    }
    const counted = played.slice(1)
    const ratios = counted.map(({ edgeMicros, rawMicros }) => edgeMicros / rawMicros)
    const others = played.flatMap((round) =>
      Object.entries(round.others).map(([status, count]) => `${count} × ${status}`),
    )
    const checks = []
    for (const crowd of crowds) checks.push(...(await ledgerChecks(stack, crowd.sessionId, players * (rounds + 1))))
    const bodies = JSON.stringify({ answerId: newAnswerId(), questionId: newAnswerId(), choice: RIGHT_CHOICE })
    return {
      verdict: judge([
        {
          sentence: `every answer was accepted${others.length > 0 ? `, but ${others.join(', ')}` : ''}`,
          holds: others.length === 0,
        },
        ...checks,
      ]),
      figures: [
        { name: 'answers accepted', unit: '1/s', ...summarize(counted.map(({ rate }) => rate)) },
        {
          name: 'CPU per answer, all processes',
          unit: 'µs',
          ...summarize(counted.map(({ cpu }) => Object.values(cpu).reduce((sum, each) => sum + each, 0))),
        },
        { name: 'CPU per answer, edge', unit: 'µs', ...summarize(counted.map(({ edgeMicros }) => edgeMicros)) },
        { name: 'raw POSTs answered', unit: '1/s', ...summarize(counted.map(({ rawRate }) => rawRate)) },
      ],
      ceilings: [{ name: 'edge / raw POST, CPU', ratio: median(ratios), rounds: ratios }],
      charts: [
        {
          kind: 'bars',
          title: 'CPU time per answer by process, closed loop over HTTP',
          value: { label: 'CPU per answer', unit: 'µs' },
          groups: [
            ...Object.keys(counted[0]?.cpu ?? {}).map((name) => ({
              name,
              parts: [{ name: 'Podium', value: median(counted.map(({ cpu }) => cpu[name] ?? 0)) }],
            })),
            { name: 'raw POST', parts: [{ name: 'raw', value: median(counted.map(({ rawMicros }) => rawMicros)) }] },
          ],
        },
      ],
      payloads: { 'answer, HTTP body': Buffer.byteLength(bodies) },
      notes: [
        'Closed loop: a connection sends its next answer when the last one was accepted. The rate is what can be accepted; the CPU time of a round is taken when its last answer is in the ledger and on the board.',
      ],
    }
  },
})
