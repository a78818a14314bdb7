import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { eventually } from '../../../platform/test/support/eventually.ts'
import type { TestContext } from '../../../platform/test/support/server.ts'
import { tokenConfigOf, type World } from './world.ts'

const main = fileURLToPath(new URL('../../main.ts', import.meta.url))

/** A copy of the service as a process of its own, which can die at any line. */
export interface CopyProcess {
  kill(signal: NodeJS.Signals): void
  /** Resolves with the signal or code that ended it. */
  readonly gone: Promise<string>
}

export const spawnCopy = async (
  t: TestContext,
  world: World,
  env: Record<string, string> = {},
): Promise<CopyProcess> => {
  const port = await freePort()
  const { NODE_OPTIONS: _, ...inherited } = process.env
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...inherited,
      NATS_URL: world.nats.url,
      DATABASE_URL: world.databaseUrl,
      ...tokenConfigOf(world),
      PLAYER_SIGNING_KEY: world.issuer.files.playerSigningKey,
      HEALTH_PORT: String(port),
      LOG_LEVEL: 'silent',
      ...env,
    },
  })
  const gone = once(child, 'exit').then(([code, signal]) => String(signal ?? code))
  t.teardown(async () => {
    child.kill('SIGKILL')
    await gone
  })
  await eventually(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200, {
    timeoutMs: 20_000,
    intervalMs: 50,
    what: 'the copy is ready',
  })
  return { kill: (signal) => child.kill(signal), gone }
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
