import t from 'tap'
import { stackOptionsFromEnv } from '../stack.ts'
import { withNodes } from '../stack-options.ts'

t.test('nothing set means nothing chosen', async (t) => {
  t.strictSame(stackOptionsFromEnv({}), { copies: {}, servers: {}, serversOf: {} })
  t.strictSame(stackOptionsFromEnv({ EDGES: '', NATS_URL: '', EDGE_PORT: '' }), {
    copies: {},
    servers: {},
    serversOf: {},
  })
})

t.test('copies, the edge and given servers come from the environment', async (t) => {
  const env = {
    EDGES: '2',
    SESSIONS: '3',
    EVALUATORS: '4',
    SCORERS: '5',
    LEADERBOARDS: '6',
    EDGE_PORT: '9000',
    EDGE_HOST: '0.0.0.0',
    CORS_ORIGINS: 'http://a:5173',
    LOG_LEVEL: 'debug',
    OBSERVE: '1',
    NATS_URL: 'nats://a',
    REDIS_URL: 'redis://b',
    DATABASE_URL: 'postgres://c',
    SCORER_DATABASE_URL: 'postgres://scorer@c',
    EDGE_NATS_URL: 'nats://edge@a',
  }
  t.strictSame(stackOptionsFromEnv(env), {
    copies: { edge: 2, session: 3, evaluator: 4, scorer: 5, leaderboard: 6 },
    edgePort: 9000,
    edgeHost: '0.0.0.0',
    corsOrigins: 'http://a:5173',
    logLevel: 'debug',
    observe: true,
    prometheusPort: 19_090,
    servers: { nats: 'nats://a', redis: 'redis://b', postgres: 'postgres://c' },
    serversOf: { edge: { nats: 'nats://edge@a' }, scorer: { postgres: 'postgres://scorer@c' } },
  })
})

t.test('every problem is reported at once', async (t) => {
  for (const text of ['0', '-1', '1.5', 'two', '65', '1e1']) {
    t.throws(() => stackOptionsFromEnv({ EDGES: text }), {
      message: `EDGES=${text} must be a whole number from 1 to 64`,
    })
  }
  t.throws(() => stackOptionsFromEnv({ EDGES: 'x', EDGE_PORT: '70000' }), { message: /EDGE_PORT=70000.*\n.*EDGES=x/ })
})

t.test('three nodes mean three partitions and two copies of each service, unless others are asked for', async (t) => {
  const dir = '/somewhere'
  t.strictSame(withNodes({ dir, ...stackOptionsFromEnv({ NODES: '3', EDGES: '4' }) }), {
    dir,
    nodes: 3,
    partitions: 3,
    copies: { session: 2, worker: 2, edge: 4 },
    servers: {},
    serversOf: {},
  })
  t.strictSame(withNodes({ dir, nodes: 1 }), { dir, nodes: 1 })
  t.throws(() => stackOptionsFromEnv({ NODES: '2' }), { message: 'NODES=2 must be 1 or 3' })
})
