import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NatsUser } from '../../nats/permissions.ts'
import { passwordVariable, usersConfiguration } from '../../nats/users.ts'
import { urlFor } from '../credentials.ts'
import { requireProgram } from '../programs.ts'
import { ask } from './ask.ts'
import { createServer, type Server, type ServerOptions, serverEnvironment } from './server.ts'

/** Imports of whole quizzes travel as one request to the session service. */
const maxPayloadBytes = 8 * 1024 * 1024

/** Without passwords every client may do everything: for tests of parts. With them every user has the rights of deploy/nats. */
export type NatsOptions = ServerOptions & {
  readonly passwords?: Readonly<Record<NatsUser, string>> | undefined
  readonly cluster?: NatsCluster
}

/** One of several servers that share streams. */
export type NatsCluster = {
  /** The server's own, which is in the streams' groups: it stays the same over restarts. */
  readonly serverName: string
  readonly routePort: number
  /** Of all servers, this one's included. */
  readonly routePorts: readonly number[]
}

/**
 * The server's heap is small and its garbage plenty: collecting it a quarter as often as by default saves a fifth of the
 * CPU time of a published message.
 */
const GARBAGE_PERCENT = '400'

/** nats-server with JetStream on files. With passwords, `url` is that of the user admin. */
export const createNats = (options: NatsOptions): Server => {
  const { passwords, cluster } = options
  // The name tells our server from one that took the port between our look at it and our start.
  const serverName = cluster?.serverName ?? `podium-${randomUUID()}`
  const variables = Object.entries(passwords ?? {}).map(([user, password]) => [
    passwordVariable(user as NatsUser),
    password,
  ])
  return createServer(options, {
    name: 'nats',
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 8_000,
    url: (port) => {
      const url = `nats://127.0.0.1:${port}`
      return passwords === undefined ? url : urlFor(url, 'admin', passwords.admin)
    },
    command(port) {
      mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
      const configFile = join(options.dataDir, 'nats.conf')
      const users = passwords === undefined ? '' : usersConfiguration()
      const storeDir = join(options.dataDir, 'jetstream')
      const routes = cluster === undefined ? '' : routesConfiguration(cluster, passwords?.admin)
      writeFileSync(configFile, `${configuration({ port, serverName, storeDir })}${routes}${users}`, { mode: 0o600 })
      return {
        file: requireProgram('nats-server'),
        args: ['--config', configFile],
        env: { ...serverEnvironment(), GOGC: GARBAGE_PERCENT, ...Object.fromEntries(variables) },
      }
    },
    async probe(port) {
      const login = passwords === undefined ? {} : { user: 'admin', pass: passwords.admin }
      // INFO comes first; PONG means that the server is past its start, with the streams recovered, and serves clients.
      const answer = await ask(port, `CONNECT ${JSON.stringify({ verbose: false, ...login })}\r\nPING\r\n`, /PONG\r\n/)
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

const routesConfiguration = ({ routePort, routePorts }: NatsCluster, password = ''): string => `\
cluster {
  name: "podium"
  listen: "127.0.0.1:${routePort}"
${password === '' ? '' : `  authorization { user: "route", password: "${password}", timeout: 10 }\n`}\
  routes: [
${routePorts.map((port) => `    "nats-route://${password === '' ? '' : `route:${password}@`}127.0.0.1:${port}"`).join('\n')}
  ]
}
`
