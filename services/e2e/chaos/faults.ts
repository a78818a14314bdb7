import { setTimeout as sleep } from 'node:timers/promises'
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { Redis } from 'ioredis'
import { answersStream, partitionOf, streams } from '#platform/contract/streams'
import type { Stack, StackProcess } from '../../../deploy/local/stack.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { connectAsOperator } from '../operator.ts'
import type { Inflict } from './game.ts'

export interface Fault {
  readonly name: string
  /** For the table: completes "what happens". */
  readonly title: string
  readonly inflict: Inflict
}

/** How long a machine is gone, or a process frozen. */
const GONE_MS = 8_000
/** For a server or an election on a busy machine. */
const PATIENCE_MS = 60_000
/** The partitions of a stack with three nodes. */
const PARTITIONS = 3

const withManager = async <T>(stack: Stack, work: (manager: JetStreamManager) => Promise<T>): Promise<T> => {
  const nc = await connectAsOperator(stack)
  try {
    return await work(await jetstreamManager(nc, { timeout: 5_000 }))
  } finally {
    await nc.close()
  }
}

/** The process that leads a stream. */
const leaderOf = async (stack: Stack, stream: string): Promise<StackProcess> => {
  const leader = await eventually(
    () => withManager(stack, async ({ streams: api }) => (await api.info(stream)).cluster?.leader),
    { timeoutMs: PATIENCE_MS, intervalMs: 200, what: `${stream} has a leader` },
  )
  return stack.process('nats', Number(leader.replace('podium-', '')))
}

/** Every stream has a leader, and each of its copies is up to date. */
const untilReplicated = (stack: Stack): Promise<unknown> =>
  eventually(
    () =>
      withManager(stack, async ({ streams: api }) => {
        for await (const { cluster } of api.list()) {
          if (cluster?.leader === undefined) return false
          if ((cluster.replicas ?? []).some(({ current, offline }) => !current || offline === true)) return false
        }
        return true
      }),
    { timeoutMs: PATIENCE_MS, intervalMs: 200, what: 'every stream has all of its copies' },
  )

/** The process is gone for a while, as when its machine is: nothing starts it again meanwhile. */
const lose = async (process: StackProcess, ms: number): Promise<void> => {
  await process.kill('SIGKILL')
  await process.stop()
  await sleep(ms)
  await process.start()
}

const freeze = async (process: StackProcess, ms: number): Promise<void> => {
  await process.kill('SIGSTOP')
  await sleep(ms)
  await process.kill('SIGCONT')
}

const labelOf = ({ name, copy }: StackProcess): string => `${name}.${copy}`

const onLeader =
  (streamOf: (sessionId: string) => string, verb: string, act: (leader: StackProcess) => Promise<void>): Inflict =>
  async (stack, { sessionId, mark }) => {
    const stream = streamOf(sessionId)
    const leader = await leaderOf(stack, stream)
    mark(`${labelOf(leader)}, leader of ${stream}, ${verb}`)
    await act(leader)
    mark(`${labelOf(leader)} is back`)
    await untilReplicated(stack)
  }

/** The stream of the session's answers has to elect another leader. */
export const loseAnswersLeader = (goneMs: number): Inflict =>
  onLeader(answersOf, 'gone', (leader) => lose(leader, goneMs))

const answersOf = (sessionId: string): string => answersStream(partitionOf(sessionId, PARTITIONS))

const onService =
  (name: 'edge' | 'session' | 'worker', verb: string, act: (process: StackProcess) => Promise<void>): Inflict =>
  async (stack, { mark }) => {
    mark(`${name}.1 ${verb}`)
    await act(stack.process(name, 1))
    mark(`${name}.1 is back`)
  }

const kill = async (process: StackProcess): Promise<void> => {
  await process.kill('SIGKILL')
  await process.ready(PATIENCE_MS)
}

export const failOverPostgres =
  (goneMs: number): Inflict =>
  async (stack, { mark }) => {
    const { postgres } = stack
    if (postgres === undefined) throw new Error('this stack has no standby')
    mark(`postgres.${postgres.primary()} killed for good`)
    await postgres.failOver()
    mark(`postgres.${postgres.primary()} is the primary`)
    await sleep(goneMs)
    await postgres.rejoin()
    mark('a standby follows again')
  }

/** Sentinels that say so, and the port of the master that they name. */
const masterPort = async (stack: Stack): Promise<number> => {
  const [first = ''] = stack.urls.redis.split(',')
  const url = new URL(first)
  const sentinel = new Redis({
    host: url.hostname,
    port: Number(url.port),
    password: url.searchParams.get('sentinelPassword') ?? '',
    maxRetriesPerRequest: 1,
    commandTimeout: 2_000,
  })
  sentinel.on('error', () => undefined)
  try {
    const [, port] = (await sentinel.call('SENTINEL', 'get-master-addr-by-name', url.pathname.slice(1))) as string[]
    await sentinel.call('SENTINEL', 'ckquorum', url.pathname.slice(1))
    return Number(port)
  } finally {
    sentinel.disconnect()
  }
}

const copyOfPort = async (stack: Stack, port: number): Promise<number> => {
  const { password } = new URL(stack.urls.redis.split(',')[0] ?? '')
  const at = new Redis({ host: '127.0.0.1', port, username: 'admin', password, commandTimeout: 2_000 })
  at.on('error', () => undefined)
  try {
    const pid = Number(/process_id:(\d+)/.exec(await at.info('server'))?.[1])
    return stack.processes.find((process) => process.name === 'redis' && process.pid === pid)?.copy ?? 1
  } finally {
    at.disconnect()
  }
}

export const loseRedisMaster: Inflict = async (stack, { mark }) => {
  const settled = { timeoutMs: PATIENCE_MS, intervalMs: 200 }
  const before = await eventually(() => masterPort(stack), { ...settled, what: 'the Sentinels agree' })
  const master = stack.process('redis', await copyOfPort(stack, before))
  mark(`${labelOf(master)}, the master, gone`)
  await master.kill('SIGKILL')
  await master.stop()
  await eventually(async () => (await masterPort(stack)) !== before, {
    ...settled,
    what: 'another Redis is the master',
  })
  mark('the Sentinels made the copy the master')
  await master.start()
}

const rollingNats: Inflict = async (stack, { mark }) => {
  for (const copy of [1, 2, 3]) {
    const server = stack.process('nats', copy)
    mark(`nats.${copy} restarts`)
    await server.stop()
    await server.start()
    await untilReplicated(stack)
  }
}

const loseQuorum: Inflict = async (stack, { sessionId, mark }) => {
  const leader = await leaderOf(stack, answersOf(sessionId))
  const others = [1, 2, 3].filter((copy) => copy !== leader.copy).map((copy) => stack.process('nats', copy))
  mark('two of three NATS servers gone')
  await Promise.all(others.map((server) => lose(server, GONE_MS)))
  mark('they are back')
  await untilReplicated(stack)
}

const rollingServices: Inflict = async (stack, { mark }) => {
  for (const name of ['session', 'worker', 'edge'] as const) {
    for (const copy of [1, 2]) {
      const process = stack.process(name, copy)
      mark(`${name}.${copy} restarts`)
      await process.stop()
      await process.start()
    }
  }
}

export const faults: readonly Fault[] = [
  {
    name: 'nats-leader-killed',
    title: 'the leader of the session’s answers is gone for 8 s',
    inflict: loseAnswersLeader(GONE_MS),
  },
  {
    name: 'nats-feed-leader-killed',
    title: 'the leader of FEED is gone for 8 s',
    inflict: onLeader(
      () => streams.feed,
      'gone',
      (leader) => lose(leader, GONE_MS),
    ),
  },
  {
    name: 'nats-leader-frozen',
    title: 'the leader of the session’s answers is frozen for 8 s',
    inflict: onLeader(answersOf, 'frozen', (leader) => freeze(leader, GONE_MS)),
  },
  { name: 'nats-rolling', title: 'the NATS servers restart one after the other', inflict: rollingNats },
  { name: 'nats-quorum-lost', title: 'two of three NATS servers are gone for 8 s', inflict: loseQuorum },
  {
    name: 'postgres-failover',
    title: 'the Postgres primary is gone, the standby is promoted',
    inflict: failOverPostgres(GONE_MS),
  },
  {
    name: 'postgres-killed',
    title: 'the Postgres primary is killed and starts again',
    inflict: async (stack, { mark }) => {
      const primary = stack.process('postgres', stack.postgres?.primary())
      mark(`${labelOf(primary)} killed`)
      await kill(primary)
      mark(`${labelOf(primary)} is back`)
    },
  },
  { name: 'redis-failover', title: 'the Redis master is gone, Sentinels promote the copy', inflict: loseRedisMaster },
  { name: 'edge-killed', title: 'one of two edges is killed', inflict: onService('edge', 'killed', kill) },
  {
    name: 'session-killed',
    title: 'one of two session services is killed',
    inflict: onService('session', 'killed', kill),
  },
  { name: 'worker-killed', title: 'one of two workers is killed', inflict: onService('worker', 'killed', kill) },
  {
    name: 'worker-frozen',
    title: 'one of two workers is frozen for 8 s',
    inflict: onService('worker', 'frozen', (process) => freeze(process, GONE_MS)),
  },
  { name: 'services-rolling', title: 'every service restarts, one copy after the other', inflict: rollingServices },
]
