import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { aclFile, type RedisUser } from '../../redis/users.ts'
import { urlFor } from '../credentials.ts'
import { requireProgram } from '../programs.ts'
import { ask } from './ask.ts'
import { createServer, type Server, type ServerOptions, serverEnvironment } from './server.ts'

/** Without passwords every client may do everything: for tests of parts. With them every user has the rights of deploy/redis. */
export type RedisOptions = ServerOptions & {
  readonly passwords?: Readonly<Record<RedisUser, string>> | undefined
  /** More settings. */
  readonly settings?: Readonly<Record<string, string>>
  /** The port of the master that this server copies; 0 for none. Asked at every start. */
  readonly copyOf?: () => number
}

/**
 * Redis, or Valkey, without persistence: the board is derived from the ledger, so a restarted Redis shall be empty,
 * which is noticed and repaired, rather than hold an old board, which is not. With passwords, `url` is
 * that of the user admin.
 */
export const createRedis = (options: RedisOptions): Server => {
  const { passwords } = options
  return createServer(options, {
    name: 'redis',
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 5_000,
    url: (port) => {
      const url = `redis://127.0.0.1:${port}`
      return passwords === undefined ? url : urlFor(url, 'admin', passwords.admin)
    },
    command(port) {
      mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
      const settings = {
        bind: '127.0.0.1',
        port: String(port),
        dir: options.dataDir,
        save: '',
        appendonly: 'no',
        // A full Redis must refuse writes; evicting keys would drop players from a board without a trace.
        'maxmemory-policy': 'noeviction',
        'always-show-logo': 'no',
        ...options.settings,
        ...(passwords !== undefined && { aclfile: writeUsers(options.dataDir, passwords) }),
      }
      const args = [
        ...Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]),
        ...replication(options).flatMap(([key, ...values]) => [`--${key}`, ...values]),
      ]
      return { file: requireProgram('redis-server', 'valkey-server'), args, env: serverEnvironment() }
    },
    async probe(port, pid) {
      const login = passwords === undefined ? '' : `AUTH admin ${passwords.admin}\r\n`
      const answer = await ask(port, `${login}INFO server\r\n`, /process_id:\d+\r\n/)
      if (!answer.includes(`process_id:${pid}\r\n`)) throw new Error(`another Redis listens on port ${port}`)
    },
  })
}

/** A master that Sentinel replaced follows the new one when it comes back, so each of them has what it needs for that. */
const replication = ({ passwords, copyOf }: RedisOptions): readonly (readonly [string, ...string[]])[] => {
  if (copyOf === undefined) return []
  const master = copyOf()
  return [
    ...(passwords === undefined
      ? []
      : ([
          ['masteruser', 'admin'],
          ['masterauth', passwords.admin],
        ] as const)),
    ...(master === 0 ? [] : ([['replicaof', '127.0.0.1', String(master)]] as const)),
    ['repl-diskless-sync-delay', '0'],
  ]
}

const writeUsers = (dataDir: string, passwords: Readonly<Record<RedisUser, string>>): string => {
  const file = join(dataDir, 'users.acl')
  writeFileSync(file, aclFile(passwords), { mode: 0o600 })
  return file
}
