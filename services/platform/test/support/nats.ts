import { urlFor } from '../../../../deploy/local/credentials.ts'
import { createNats } from '../../../../deploy/local/servers/nats.ts'
import { applyDeclarations } from '../../../../deploy/nats/apply.ts'
import { type NatsUser, natsUsers } from '../../../../deploy/nats/permissions.ts'
import { startServer, type TestContext, type TestServer } from './server.ts'

/** One password for every user is enough where only their rights count. */
export const TEST_PASSWORD = 'ptest'

/** A NATS server with JetStream of the test's own; with `streams` also the declared streams and consumers. */
export const startNats = async (t: TestContext, options: { readonly streams?: boolean } = {}): Promise<TestServer> => {
  const server = await startServer(t, createNats)
  if (options.streams === true) await applyDeclarations(server.url)
  return server
}

/** One with the users and rights of production; `urlOf` is the address for one of them. */
export const startNatsWithUsers = async (
  t: TestContext,
): Promise<TestServer & { readonly urlOf: (user: NatsUser) => string }> => {
  const passwords = Object.fromEntries(natsUsers.map((user) => [user, TEST_PASSWORD])) as Record<NatsUser, string>
  const server = await startServer(t, (options) => createNats({ ...options, passwords }))
  await applyDeclarations(server.url)
  return Object.assign(server, { urlOf: (user: NatsUser) => urlFor(server.url, user, TEST_PASSWORD) })
}
