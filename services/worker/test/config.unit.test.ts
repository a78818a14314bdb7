import t from 'tap'
import { ConfigError, loadConfig } from '#platform/config'
import { configSpec } from '../config.ts'

const rolesOf = (WORKER_ROLES?: string) => [
  ...loadConfig(configSpec, { DATABASE_URL: 'postgres://a', REDIS_URL: 'redis://b', WORKER_ROLES }).WORKER_ROLES,
]

t.test('a worker has all roles, or those that are named', async (t) => {
  t.same(rolesOf(), ['evaluator', 'scorer', 'leaderboard'])
  t.same(rolesOf('scorer, evaluator'), ['evaluator', 'scorer'])
  for (const wrong of ['referee', 'scorer,scorer', ',', 'scorer,referee']) t.throws(() => rolesOf(wrong), ConfigError)
})
