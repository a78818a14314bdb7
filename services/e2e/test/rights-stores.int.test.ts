import { Redis } from 'ioredis'
import pg from 'pg'
import t from 'tap'
import { urlFor } from '../../../deploy/local/credentials.ts'
import { createRedis } from '../../../deploy/local/servers/redis.ts'
import { applyRoles } from '../../../deploy/postgres/apply.ts'
import { type DatabaseUser, databaseUsers, roleOf } from '../../../deploy/postgres/roles.ts'
import { type RedisUser, redisUsers } from '../../../deploy/redis/users.ts'
import { startPostgres } from '../../platform/test/support/postgres.ts'
import { startServer } from '../../platform/test/support/server.ts'

const PASSWORD = 'ptest'
const passwordsOf = <U extends string>(users: readonly U[]) =>
  Object.fromEntries(users.map((user) => [user, PASSWORD])) as Record<U, string>

/** Who may run which statement. */
const statements: Readonly<Record<string, readonly DatabaseUser[]>> = {
  'SELECT prompt, correct FROM questions': ['session'],
  'SELECT key FROM session_questions': ['session', 'evaluator', 'worker', 'verify'],
  'UPDATE session_questions SET key = key': [],
  'UPDATE questions SET correct = correct': [],
  'SELECT id, settings FROM sessions': ['session', 'evaluator', 'worker', 'verify'],
  'SELECT host_id, join_code FROM sessions': ['session', 'verify'],
  'UPDATE sessions SET epoch = epoch': ['session'],
  'DELETE FROM sessions': [],
  'SELECT id, join_order FROM players': ['session', 'leaderboard', 'worker', 'verify'],
  'SELECT nickname FROM players': ['session', 'verify'],
  'SELECT user_id FROM players': ['session', 'verify'],
  'UPDATE players SET status = status': ['session'],
  'SELECT points FROM ledger': ['session', 'scorer', 'worker', 'verify'],
  'INSERT INTO ledger SELECT * FROM ledger': ['scorer', 'worker'],
  'UPDATE ledger SET points = 1': [],
  'DELETE FROM ledger': [],
  'TRUNCATE ledger': [],
  'SELECT points FROM ledger_other': [],
  'SELECT erase_typed_answers(first_id_at(now()), ARRAY[1])': ['session'],
  "SELECT make_ledger_partitions('2031-01-01', 1)": ['session'],
  'SELECT points FROM totals': ['session', 'scorer', 'leaderboard', 'worker', 'verify'],
  'UPDATE totals SET points = points': ['scorer', 'worker'],
  'DELETE FROM totals': [],
  'UPDATE question_progress SET answer_count = answer_count': ['scorer', 'worker'],
  'UPDATE boards SET epoch = epoch': ['leaderboard', 'worker'],
  'DELETE FROM boards': [],
  'UPDATE postgres_history SET history = history': ['session'],
  'SELECT payload FROM outbox': ['session'],
  'DELETE FROM outbox': ['session'],
  'CREATE TABLE mine (id int)': [],
  'CREATE TEMPORARY TABLE mine (id int)': [],
  'DROP TABLE ledger': [],
  'ALTER TABLE ledger ADD COLUMN mine int': [],
  'CREATE ROLE mine SUPERUSER': [],
  'SELECT rolpassword FROM pg_authid': [],
  "COPY (SELECT 1) TO PROGRAM 'true'": [],
  'SET ROLE podium': [],
}

t.test('every role of Postgres may do what its service does and nothing else', async (t) => {
  const server = await startPostgres(t)
  await applyRoles(server.url, passwordsOf(databaseUsers))
  await applyRoles(server.url) // as at the next start: the grants are made anew, the passwords stay
  for (const user of databaseUsers) {
    const client = new pg.Client({ connectionString: urlFor(server.url, roleOf(user), PASSWORD) })
    await client.connect()
    const allowed: string[] = []
    for (const statement of Object.keys(statements)) {
      await client.query('BEGIN')
      try {
        await client.query(statement)
        allowed.push(statement)
      } catch (error) {
        t.equal((error as pg.DatabaseError).code, '42501', `${user}: ${statement}`)
      }
      await client.query('ROLLBACK')
    }
    await client.end()
    t.same(
      allowed,
      Object.keys(statements).filter((statement) => statements[statement]?.includes(user)),
      user,
    )
  }
  const stranger = new pg.Client({ connectionString: urlFor(server.url, roleOf('scorer'), 'wrong') })
  await t.rejects(stranger.connect(), { code: '28P01' })
})

const ID = 'podium:{0199a0f0-0000-7000-8000-000000000000}:meta'

/** Who may say what to Redis. `GET` reads a key of another system. */
const commands: readonly (readonly [command: string, args: readonly string[], users: readonly RedisUser[]])[] = [
  ['HGETALL', [ID], ['leaderboard', 'worker', 'verify']],
  ['HSET', [ID, 'version', '1'], ['leaderboard', 'worker']],
  ['DEL', [ID], ['leaderboard', 'worker']],
  ['EVAL', ["return redis.call('HSET', KEYS[1], 'epoch', '1')", '1', ID], ['leaderboard', 'worker']],
  ['EVAL', ["return redis.call('FLUSHALL')", '0'], []],
  ['EVAL', ["return redis.call('HGETALL', 'other')", '0'], []],
  ['HGETALL', ['other'], []],
  ['HSET', ['other', 'a', 'b'], []],
  ['GET', [ID], []],
  ['INFO', ['server'], ['leaderboard', 'worker', 'verify']],
  ['KEYS', ['*'], []],
  ['SCAN', ['0'], []],
  ['FLUSHALL', [], []],
  ['FLUSHDB', [], []],
  ['CONFIG', ['GET', 'dir'], []],
  ['ACL', ['LIST'], []],
  ['DEBUG', ['SLEEP', '0'], []],
  ['SCRIPT', ['FLUSH'], []],
  ['MONITOR', [], []],
  ['CLIENT', ['LIST'], []],
  ['REPLICAOF', ['NO', 'ONE'], []],
  ['SAVE', [], []],
  ['SHUTDOWN', [], []],
]

t.test('every user of Redis may do what its service does and nothing else', async (t) => {
  const passwords = passwordsOf(redisUsers)
  const server = await startServer(t, (options) => createRedis({ ...options, passwords }))
  for (const user of ['leaderboard', 'worker', 'verify'] as const) {
    const redis = new Redis(urlFor(server.url, user, PASSWORD), { connectionName: 'test' })
    t.teardown(() => redis.disconnect())
    for (const [command, args, users] of commands) {
      const saying = redis.call(command, ...args)
      const name = `${user}: ${command} ${args.join(' ')}`
      if (users.includes(user)) await t.resolves(saying, name)
      else await t.rejects(saying, /NOPERM|The user executing the script can't|command not allowed/, name)
    }
  }
  const anonymous = new Redis(`redis://127.0.0.1:${server.port}`, { retryStrategy: () => null, lazyConnect: true })
  t.teardown(() => anonymous.disconnect())
  anonymous.on('error', () => undefined)
  await t.rejects(anonymous.call('PING'), /NOAUTH/)
})
