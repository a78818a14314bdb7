import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createClient } from '#client'
import type { Stack } from '../deploy/local/stack.ts'
import { percentileHead, percentileLine } from './lib/environment.ts'
import { measureStack } from './lib/stack.ts'
import type { StormReport, StormTask } from './lib/storm-clients.ts'

const USAGE = `Usage: node bench/reconnect-storm.ts [--clients 2000] [--processes 4] [--transport ws|sse] [--seconds 10]

So many players of one session, with the client library, on two edges; then one edge is killed in the middle of a stream of
events. Prints how long the players that it had needed to go on, and whether anybody missed an event or got one twice.
`

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '2000' },
    processes: { type: 'string', default: '4' },
    transport: { type: 'string', default: 'ws' },
    seconds: { type: 'string', default: '10' },
    help: { type: 'boolean', default: false },
  },
})

/** Milliseconds between two events of the session while the edge is killed. */
const EVENT_MS = 200

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const hear = async <T>(child: ChildProcess): Promise<T> => {
  const [message] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('a process of clients ended'))),
  ])
  return message as T
}

type Client = StormReport['clients'][number]

/** Counts events that a stream showed twice or out of order, and those that it neither showed nor covered by a snapshot. */
const compare = (clients: readonly Client[]): { missed: number; repeated: number; events: number } => {
  const history = [...new Set(clients.flatMap(({ log }) => log.filter((id) => id > 0)))].toSorted((a, b) => a - b)
  const place = new Map(history.map((id, index) => [id, index]))
  let missed = 0
  let repeated = 0
  for (const { log } of clients) {
    // Of the history, how much the client has been told.
    let told = 0
    for (const id of log) {
      const index = place.get(id)
      if (index === undefined) {
        while (told < history.length && (history[told] ?? 0) <= -id) told += 1
      } else if (index < told) repeated += 1
      else {
        missed += index - told
        told = index + 1
      }
    }
    missed += history.length - told
  }
  return { missed, repeated, events: history.length }
}

const run = async (stack: Stack): Promise<boolean> => {
  const [clients, processes, seconds] = [Number(values.clients), Number(values.processes), Number(values.seconds)]
  const token = await stack.issuer.token({ sub: 'bench', name: 'Bench', roles: ['host'] })
  const host = createClient({ baseUrl: stack.urls.edge, token })
  const question = { kind: 'true_false' as const, prompt: 'Is it?', correct: true }
  const { quizId } = await host.createQuiz({ title: 'Storm', questions: [question] })
  const settings = { access: 'guests' as const, maxParticipants: clients, advance: 'manual' as const }
  const { sessionId } = await host.createSession({ quizId, settings })

  const children = Array.from({ length: processes }, () => fork(join(import.meta.dirname, 'lib/storm-clients.ts')))
  try {
    const task: StormTask = {
      baseUrl: stack.urls.edge,
      sessionId,
      clients: Math.ceil(clients / processes),
      transport: values.transport === 'sse' ? 'sse' : 'ws',
    }
    await Promise.all(
      children.map((child) => {
        child.send(task)
        return hear(child)
      }),
    )
    say(`${task.clients * processes} players connected over ${task.transport}`)

    const until = Date.now() + seconds * 1_000
    const killing = sleep(1_000).then(async () => {
      const killedAt = Date.now()
      await stack.process('edge', 1).kill('SIGKILL')
      return killedAt
    })
    for (let isLocked = false; Date.now() < until; isLocked = !isLocked) {
      await host.control(sessionId, isLocked ? 'unlock' : 'lock').catch(() => undefined) // its edge may be the killed one
      await sleep(EVENT_MS)
    }
    const killedAt = await killing
    await sleep(1_000)
    const reports = await Promise.all(
      children.map((child) => {
        child.send('report')
        return hear<StormReport>(child)
      }),
    )
    const all = reports.flatMap((report) => report.clients)
    const times = (how: 'resumed' | 'snapshot') =>
      all.flatMap(({ back }) => (back?.how === how ? back.at - killedAt : []))
    const [resumed, restated] = [times('resumed'), times('snapshot')]
    const down = all.filter(({ isDown }) => isDown).length
    const { missed, repeated, events } = compare(all)
    say(`${resumed.length + restated.length + down} lost their edge, ${down} are not back`)
    say(`${events} events meanwhile: ${missed} missed, ${repeated} repeated\n`)
    say(percentileHead)
    say(percentileLine('kill to stream.resumed', resumed))
    if (restated.length > 0) say(percentileLine('kill to session.snapshot instead', restated))
    const cpu = reports.reduce((sum, report) => sum + report.cpuSeconds, 0)
    say(
      `\nclients: ${cpu.toFixed(1)} s of CPU since the kill, ${Math.max(...reports.map(({ megabytes }) => megabytes))} MB per process`,
    )
    return missed === 0 && repeated === 0 && down === 0
  } finally {
    for (const child of children) child.kill()
  }
}

if (values.help) process.stdout.write(USAGE)
else await measureStack(run)
