import { createNats } from '../../../../deploy/local/servers/nats.ts'
import { applyDeclarations } from '../../../../deploy/nats/apply.ts'
import { startServer, type TestContext, type TestServer } from './server.ts'

/** A NATS server with JetStream of the test's own; with `streams` also the declared streams and consumers. */
export const startNats = async (t: TestContext, options: { readonly streams?: boolean } = {}): Promise<TestServer> => {
  const server = await startServer(t, createNats)
  if (options.streams === true) await applyDeclarations(server.url)
  return server
}
