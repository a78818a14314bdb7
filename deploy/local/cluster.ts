import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { JetStreamApiError } from '@nats-io/jetstream'
import { applyDeclarations, type DeclarationOptions } from '../nats/apply.ts'
import type { Credentials } from './credentials.ts'
import { freePort } from './processes/ports.ts'
import { millisecondsSince, type Report } from './report.ts'
import type { Roster } from './roster.ts'
import { createNats } from './servers/nats.ts'
import { createPostgres } from './servers/postgres.ts'
import { findAccount } from './servers/postgres-account.ts'
import { cloneCluster, isSynchronous, queryOnce, requireStandby } from './servers/postgres-standby.ts'
import { createRedis } from './servers/redis.ts'
import { createSentinel } from './servers/sentinel.ts'
import type { Server } from './servers/server.ts'
import type { ServerName } from './stack-options.ts'

const NODES = [1, 2, 3] as const
const READY_MS = 30_000

/** A primary with a synchronous standby behind one address. Which of them is the primary stays so over restarts of the stack. */
export type PostgresPair = {
  /** Leads to the primary, as a service name of an orchestrator does. */
  readonly url: string
  /** The copy number (1 or 2) of the process that is the primary. */
  primary(): number
  /** Ends the primary for good and makes the standby the primary. Commits wait for no standby from then on. */
  failOver(): Promise<void>
  /** Makes the process that was the primary the standby of the new one; commits wait for it again. */
  rejoin(): Promise<void>
}

/**
 * The servers of a stack with three nodes. NATS and Sentinel fail over by themselves. Postgres does where an operator
 * (CloudNativePG, Patroni) sees to it; here that decision is the caller's, `failOver`.
 */
export const createCluster = (
  context: {
    readonly dir: string
    readonly ports: Readonly<Partial<Record<ServerName, number>>> | undefined
    readonly credentials: Credentials
  },
  roster: Roster,
  { line, event }: Report,
) => {
  const { dir, ports, credentials } = context
  const closers: (() => void)[] = []
  const own = (name: ServerName | 'sentinel', copy: number) => ({
    name: `${name}.${copy}`,
    dataDir: join(dir, `${name}-${copy}`),
    onLine: (text: string) => line(`${name}.${copy}`, text),
  })
  const start = async (server: Server, name: ServerName | 'sentinel', copy: number): Promise<void> =>
    roster.add(server, 'server', { name, copy, healthUrl: undefined }).start()

  const startNats = async (): Promise<string> => {
    const began = performance.now()
    const routePorts: number[] = []
    for (const _ of NODES) routePorts.push(await freePort())
    const servers = NODES.map((copy) =>
      createNats({
        ...own('nats', copy),
        ...(copy === 1 && { port: ports?.nats }),
        passwords: credentials.nats,
        cluster: { serverName: `podium-${copy}`, routePort: routePorts[copy - 1] ?? 0, routePorts },
      }),
    )
    await Promise.all(servers.map((server, index) => start(server, 'nats', index + 1)))
    event(`nats listens on ports ${servers.map(({ port }) => port).join(', ')} (${millisecondsSince(began)})`)
    return servers.map(({ url }) => url).join(',')
  }

  /** Declares streams of three copies as soon as the servers have elected a leader. */
  const declare = async (url: string, options: DeclarationOptions): Promise<void> => {
    const deadline = performance.now() + READY_MS
    for (;;) {
      try {
        await applyDeclarations(url, { ...options, replicas: NODES.length })
        return
      } catch (error) {
        // No leader yet, or not all servers known to it; and requests that no leader answers time out.
        const isEarly = !(error instanceof JetStreamApiError) || error.apiError().code >= 500 || error.code === 10005
        if (!isEarly || performance.now() > deadline) throw error
        await sleep(200)
      }
    }
  }

  const startRedis = async (): Promise<string> => {
    const began = performance.now()
    const passwords = credentials.redis
    const master = createRedis({ ...own('redis', 1), port: ports?.redis, passwords, copyOf: () => 0 })
    await start(master, 'redis', 1)
    const copy = createRedis({ ...own('redis', 2), passwords, copyOf: () => master.port })
    await start(copy, 'redis', 2)
    const sentinels = NODES.map((number) =>
      createSentinel({ ...own('sentinel', number), passwords, masterPort: () => master.port, quorum: 2 }),
    )
    await Promise.all(sentinels.map((sentinel, index) => start(sentinel, 'sentinel', index + 1)))
    const [first, second] = [master.port, copy.port]
    event(`redis listens on ports ${first} and ${second}, with three Sentinels (${millisecondsSince(began)})`)
    return sentinels.map(({ url }) => url.replace('//', `//admin:${passwords.admin}@`)).join(',')
  }

  const startPostgres = async (): Promise<PostgresPair> => {
    const began = performance.now()
    const marker = join(dir, 'postgres-primary')
    let primary = existsSync(marker) ? Number(readFileSync(marker, 'utf8')) : 1
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    const account = findAccount()
    const servers = [1, 2].map((copy) =>
      // Enough of the log for a standby that starts a little later; it has no slot that could fill the disk.
      createPostgres({ ...own('postgres', copy), account, settings: { wal_keep_size: '256MB' } }),
    )
    const server = (copy: number): Server => servers[copy - 1] as Server
    const standby = (): number => 3 - primary
    const follow = async (): Promise<void> => {
      const [from, to] = [own('postgres', primary), own('postgres', standby())]
      await cloneCluster({ url: server(primary).url, dataDir: from.dataDir }, to.dataDir, account)
      const known = roster.processes.find(({ name, copy }) => name === 'postgres' && copy === standby())
      await (known === undefined ? start(server(standby()), 'postgres', standby()) : known.start())
      await requireStandby(server(primary).url)
      const deadline = performance.now() + READY_MS
      while (!(await isSynchronous(server(primary).url))) {
        if (performance.now() > deadline) throw new Error('the Postgres standby does not follow the primary')
        await sleep(50)
      }
    }
    await start(server(primary), 'postgres', primary)
    await follow()
    const { port, close } = await forward(() => server(primary).port, ports?.postgres)
    closers.push(close)
    const url = new URL(server(primary).url)
    url.port = String(port)
    event(`postgres listens on port ${port}, with a synchronous standby (${millisecondsSince(began)})`)
    return {
      url: url.href,
      primary: () => primary,
      failOver: async () => {
        const former = roster.find('postgres', primary)
        // Stopped as well, or it would be started again and take writes beside the new one.
        await former.kill('SIGKILL')
        await former.stop()
        await queryOnce(server(standby()).url, 'SELECT pg_promote(true, 20)', 25_000)
        primary = standby()
        writeFileSync(marker, String(primary))
        event(`postgres.${primary} is the primary`)
      },
      rejoin: async () => {
        await follow()
        event(`postgres.${standby()} is the standby`)
      },
    }
  }

  return {
    startNats,
    declare,
    startRedis,
    startPostgres,
    close: (): void => {
      for (const close of closers.splice(0)) close()
    },
  }
}

/** Passes each connection on to the port that is the right one when it is made. */
const forward = async (
  target: () => number,
  preferred: number | undefined,
): Promise<{ readonly port: number; readonly close: () => void }> => {
  const open = new Set<Socket>()
  const keep = (socket: Socket, other: Socket): void => {
    open.add(socket)
    socket.on('error', () => undefined) // its close says so too
    socket.once('close', () => {
      open.delete(socket)
      other.destroy()
    })
  }
  const server = createTcpServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: '127.0.0.1', port: target(), noDelay: true })
    keep(client, upstream)
    keep(upstream, client)
    client.pipe(upstream).pipe(client)
  })
  const port = await freePort(preferred)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    port,
    close: () => {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}
