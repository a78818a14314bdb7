import { mkdirSync } from 'node:fs'
import { requireProgram } from '../programs.ts'
import { ask } from './ask.ts'
import { createServer, type Server, type ServerOptions, serverEnvironment } from './server.ts'

/**
 * Redis, or Valkey, without persistence: the board is derived from the ledger, so a restarted Redis shall be empty,
 * which is noticed and repaired, rather than hold an old board, which is not.
 */
export const createRedis = (options: ServerOptions): Server =>
  createServer(options, {
    name: 'redis',
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 5_000,
    url: (port) => `redis://127.0.0.1:${port}`,
    command(port) {
      mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
      const settings = {
        bind: '127.0.0.1',
        port: String(port),
        dir: options.dataDir,
        save: '',
        appendonly: 'no',
        // A full Redis must refuse writes; evicting keys would drop players from a board without anybody knowing.
        'maxmemory-policy': 'noeviction',
        'always-show-logo': 'no',
      }
      const args = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value])
      return { file: requireProgram('redis-server', 'valkey-server'), args, env: serverEnvironment() }
    },
    async probe(port, pid) {
      const answer = await ask(port, 'INFO server\r\n', /process_id:\d+\r\n/)
      if (!answer.includes(`process_id:${pid}\r\n`)) throw new Error(`another Redis listens on port ${port}`)
    },
  })
