import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RedisUser } from '../../redis/users.ts'
import { requireProgram } from '../programs.ts'
import { ask } from './ask.ts'
import { createServer, type Server, type ServerOptions, serverEnvironment } from './server.ts'

/** The master's name at the Sentinels. */
export const SENTINEL_NAME = 'podium'
/** Silence after which a Sentinel takes the master for gone. */
const DOWN_AFTER_MS = 2_000

export type SentinelOptions = ServerOptions & {
  readonly passwords: Readonly<Record<RedisUser, string>>
  readonly masterPort: () => number
  /** Sentinels that have to agree that the master is gone. */
  readonly quorum: number
}

/** Watches a Redis master and its copies, and makes a copy the master when that is gone. Clients ask it for the address. */
export const createSentinel = (options: SentinelOptions): Server => {
  const { passwords, quorum, dataDir } = options
  let isConfigured = false
  return createServer(options, {
    name: 'sentinel',
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 5_000,
    url: (port) => `redis+sentinel://127.0.0.1:${port}/${SENTINEL_NAME}?sentinelPassword=${passwords.admin}`,
    command(port) {
      const file = join(dataDir, 'sentinel.conf')
      mkdirSync(dataDir, { recursive: true, mode: 0o700 })
      // It writes what it learns into this file; a start after a crash continues from there, the first one of a stack anew.
      if (!isConfigured)
        writeFileSync(file, configuration({ ...options, port, masterPort: options.masterPort(), quorum }), {
          mode: 0o600,
        })
      return {
        file: requireProgram('redis-server', 'valkey-server'),
        args: [file, '--sentinel'],
        env: serverEnvironment(),
      }
    },
    async probe(port, pid) {
      const answer = await ask(port, `AUTH ${passwords.admin}\r\nINFO server\r\n`, /process_id:\d+\r\n/)
      if (!answer.includes(`process_id:${pid}\r\n`)) throw new Error(`another Redis listens on port ${port}`)
      isConfigured = true
    },
  })
}

const configuration = (values: {
  readonly port: number
  readonly dataDir: string
  readonly masterPort: number
  readonly quorum: number
  readonly passwords: SentinelOptions['passwords']
}): string => `\
bind 127.0.0.1
port ${values.port}
dir ${JSON.stringify(values.dataDir)}
requirepass ${values.passwords.admin}
sentinel monitor ${SENTINEL_NAME} 127.0.0.1 ${values.masterPort} ${values.quorum}
sentinel auth-user ${SENTINEL_NAME} admin
sentinel auth-pass ${SENTINEL_NAME} ${values.passwords.admin}
sentinel down-after-milliseconds ${SENTINEL_NAME} ${DOWN_AFTER_MS}
sentinel failover-timeout ${SENTINEL_NAME} 10000
`
