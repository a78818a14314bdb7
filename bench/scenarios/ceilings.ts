import { startNats } from '../../services/platform/test/support/nats.ts'
import { startPostgres } from '../../services/platform/test/support/postgres.ts'
import { startRedis } from '../../services/platform/test/support/redis.ts'
import type { TestContext } from '../../services/platform/test/support/server.ts'
import type { JetStreamTurn } from '../ceilings/jetstream.ts'
import type { TurnReport } from '../ceilings/program.ts'
import { type Child, cpuMicros, treeCpuMicros } from '../lib/processes.ts'
import { cpuChart, defineScenario, type Figure, type ScenarioContext } from '../lib/scenario.ts'
import { median, summarize } from '../lib/statistics.ts'
import { saturate } from '../workloads/closed-loop.ts'

/** One measurement of one raw program. */
interface Sample {
  readonly rate: number
  /** CPU time per operation of the program and of the server it uses, microseconds. */
  readonly own: number
  readonly server?: number
}

interface Raw {
  readonly name: string
  readonly server?: string
  turn(): Promise<Sample>
}

type Context = ScenarioContext<'rounds' | 'seconds'>

const CONNECTIONS = 100
/** About what the generator can send. */
const POSTS_PER_SECOND = 20_000
const BODY = JSON.stringify({ answerId: 'x'.repeat(36), questionId: 'x'.repeat(36), choice: 1 })

/** A program that works on a server of its own. */
const onServer = (child: Child, name: string, server: string, serverPid: number, message: object): Raw => ({
  name,
  server,
  turn: async () => {
    const [before = 0] = treeCpuMicros(serverPid)
    const { operations, seconds, cpuMicros: own } = await child.ask<TurnReport>(message)
    const [after = 0] = treeCpuMicros(serverPid)
    return {
      rate: operations / seconds,
      own: own / operations,
      server: (after - before) / operations,
    }
  },
})

const prepareServers = async (context: Context, seconds: number): Promise<readonly Raw[]> => {
  const t = { teardown: context.defer } as unknown as TestContext
  const [nats, redis, postgres] = await Promise.all([startNats(t, { streams: true }), startRedis(t), startPostgres(t)])
  const [jetstream, lua, unnest] = ['jetstream', 'redis-lua', 'postgres-unnest'].map((name) =>
    context.start(`ceilings/${name}.ts`),
  ) as [Child, Child, Child]
  await Promise.all([
    jetstream.ask({ kind: 'start', url: nats.url }),
    lua.ask({ kind: 'start', url: redis.url }),
    unnest.ask({ kind: 'start', url: postgres.url }),
  ])
  const publish: JetStreamTurn = { kind: 'publish', seconds }
  // Shorter, so that it never runs out of what was published.
  const consume: JetStreamTurn = { kind: 'consume', seconds: seconds / 4 }
  const inOrder: JetStreamTurn = { kind: 'consume-in-order', seconds: seconds / 8 }
  const publishBatches: JetStreamTurn = { kind: 'publish-batches', seconds }
  const consumeBatches: JetStreamTurn = { kind: 'consume-batches', seconds: seconds / 4 }
  const turn = { kind: 'turn', seconds }
  return [
    onServer(jetstream, 'JetStream publish', 'nats-server', pidOf(nats), publish),
    onServer(jetstream, 'JetStream consume and ack', 'nats-server', pidOf(nats), consume),
    onServer(jetstream, 'JetStream consume, one ack for 500', 'nats-server', pidOf(nats), inOrder),
    onServer(jetstream, 'JetStream publish, 32 in a message', 'nats-server', pidOf(nats), publishBatches),
    onServer(jetstream, 'JetStream consume, 32 in a message', 'nats-server', pidOf(nats), consumeBatches),
    onServer(unnest, 'Postgres unnest insert', 'postgres', pidOf(postgres), turn),
    onServer(lua, 'Redis Lua', 'redis-server', pidOf(redis), turn),
  ]
}

const pidOf = (server: object): number => ('pid' in server && typeof server.pid === 'number' ? server.pid : 0)

const prepareHttp = async (context: Context, seconds: number): Promise<readonly Raw[]> => {
  const post = context.start('ceilings/uws-post.ts')
  const { port } = await post.hear<{ port: number }>()
  const nats = await startNats({ teardown: context.defer } as unknown as TestContext, { streams: true })
  const edge = context.start('ceilings/minimal-edge.ts')
  const { port: edgePort } = await edge.ask<{ port: number }>({ url: nats.url })
  const sender = context.start('generators/sender.ts', { isGenerator: true })
  return [
    httpProgram('uWebSockets.js POST', post, port, sender, seconds),
    httpProgram('minimal edge: POST, JSON, batch, PubAck', edge, edgePort, sender, seconds),
  ]
}

const httpProgram = (name: string, server: Child, port: number, sender: Child, seconds: number): Raw => {
  const requests = [{ path: '/answers', token: 'x'.repeat(400), body: BODY }]
  return {
    name,
    turn: async () => {
      const before = cpuMicros(server.pid)
      const repeat = Math.round(seconds * POSTS_PER_SECOND)
      const { seconds: took, accepted } = await saturate(sender, { port, connections: CONNECTIONS, requests, repeat })
      return { rate: accepted / took, own: (cpuMicros(server.pid) - before) / accepted }
    },
  }
}

const figuresOf = ({ name, server }: Raw, samples: readonly Sample[]): Figure[] => {
  const figures: Figure[] = [
    { name, unit: '1/s', ...summarize(samples.map(({ rate }) => rate)) },
    { name: `${name}: CPU`, unit: 'µs', ...summarize(samples.map(({ own }) => own)) },
  ]
  if (server === undefined) return figures
  const costs = samples.flatMap(({ server: cost }) => cost ?? [])
  return [...figures, { name: `${name}: CPU of ${server}`, unit: 'µs', ...summarize(costs) }]
}

export const scenario = defineScenario({
  name: 'ceilings',
  summary: 'raw programs that do one step each and nothing else',
  seconds: 30,
  options: {
    rounds: { help: 'turns of each program', default: '3', quick: '1' },
    seconds: { help: 'length of a turn', default: '1.5', quick: '1' },
  },
  run: async (context) => {
    const { rounds, seconds } = context.numbers
    const programs = [...(await prepareHttp(context, seconds)), ...(await prepareServers(context, seconds))]
    for (const { turn } of programs) await turn() // warms
    const samples = programs.map((): Sample[] => [])
    for (let round = 1; round <= rounds; round++) {
      context.progress(`round ${round} of ${rounds}`)
      for (const [index, { turn }] of programs.entries()) samples[index]?.push(await turn())
    }
    return {
      verdict: { kind: 'valid', checks: ['every operation was answered'] },
      figures: programs.flatMap((program, index) => figuresOf(program, samples[index] ?? [])),
      charts: [
        cpuChart(
          'CPU time per operation of the raw programs',
          'operation',
          programs.map(({ name }, index) => {
            const own = samples[index] ?? []
            const servers = own.flatMap(({ server }) => server ?? [])
            return {
              name,
              parts: [
                { name: 'program', value: median(own.map((sample) => sample.own)) },
                ...(servers.length === 0 ? [] : [{ name: 'its server', value: median(servers) }]),
              ],
            }
          }),
        ),
      ],
      payloads: { 'answer, HTTP body': Buffer.byteLength(BODY), 'answer, JetStream message': 173 },
      notes: [
        'The first program is loaded by a closed loop from one process, which shares the machine: its rate is what that process can ask for, its CPU time is the ceiling.',
      ],
    }
  },
})
