import type { Test } from 'tap'
import type { Server, ServerOptions } from '../../../../deploy/local/servers/server.ts'
import { testFolder } from './folder.ts'

/** A real server that belongs to one test: stopped, and its data removed, in teardown. */
export type TestServer = {
  readonly url: string
  readonly port: number
  /** Default SIGKILL. Resolves when the server is gone (SIGKILL, SIGTERM, SIGINT) or the signal is sent (SIGSTOP, SIGCONT). */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** After kill or stop: same port, same data. Resolves when it answers. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** What the helpers need of tap's `t`. */
export type TestContext = Pick<Test, 'teardown'>

/** Starts a server in a temporary folder. Its last lines of output are part of the error when it does not start. */
export const startServer = async <T extends Server>(
  t: TestContext,
  create: (options: Pick<ServerOptions, 'dataDir'>) => T,
): Promise<T> => {
  const server = create({ dataDir: await testFolder(t) })
  t.teardown(() => server.stop())
  await server.start()
  return server
}
