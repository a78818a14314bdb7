import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { requireProgram } from '../programs.ts'
import { ask } from './ask.ts'
import { createServer, type Server, type ServerOptions, serverEnvironment } from './server.ts'

/** Imports of whole quizzes travel as one request to the session service. */
const maxPayloadBytes = 8 * 1024 * 1024

/** nats-server with JetStream on files. */
export const createNats = (options: ServerOptions): Server => {
  // The name tells our server from one that took the port between our look at it and our start.
  const serverName = `podium-${randomUUID()}`
  return createServer(options, {
    name: 'nats',
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 8_000,
    url: (port) => `nats://127.0.0.1:${port}`,
    command(port) {
      mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
      const configFile = join(options.dataDir, 'nats.conf')
      writeFileSync(configFile, configuration({ port, serverName, storeDir: join(options.dataDir, 'jetstream') }))
      return { file: requireProgram('nats-server'), args: ['--config', configFile], env: serverEnvironment() }
    },
    async probe(port) {
      // INFO comes first; PONG means that the server is past its start, with the streams recovered, and serves clients.
      const answer = await ask(port, 'CONNECT {"verbose":false}\r\nPING\r\n', /PONG\r\n/)
      if (!answer.includes(serverName)) throw new Error(`another NATS server listens on port ${port}`)
    },
  })
}

const configuration = (values: { port: number; serverName: string; storeDir: string }): string => `\
listen: "127.0.0.1:${values.port}"
server_name: "${values.serverName}"
max_payload: ${maxPayloadBytes}
jetstream {
  store_dir: ${JSON.stringify(values.storeDir)}
}
`
