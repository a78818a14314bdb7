import { createRedis } from '../../../../deploy/local/servers/redis.ts'
import { startServer, type TestContext, type TestServer } from './server.ts'

/** A Redis server of the test's own, without persistence: empty again after a restart. */
export const startRedis = (t: TestContext): Promise<TestServer> => startServer(t, createRedis)
