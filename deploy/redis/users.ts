import { createHash } from 'node:crypto'

/** Who connects to Redis. `admin` repairs by hand; no service has its rights. */
export const redisUsers = ['leaderboard', 'worker', 'verify', 'admin'] as const
export type RedisUser = (typeof redisUsers)[number]

/** What every client of ours says when it connects. (It also tries CLIENT SETINFO, which servers before 7.2 do not know, and does without.) */
const greeting = ['+client|setname', '+info', '+ping']

const boards = [
  '~podium:*',
  ...greeting,
  '+eval',
  '+evalsha',
  ...['hmget', 'hgetall', 'hset', 'hincrby', 'hlen', 'zadd', 'zrem', 'zcard', 'expire', 'del'].map(
    (command) => `+${command}`,
  ),
]

/** Rules of each user, in Redis' own words. Scripts have the rights of who calls them. */
export const redisRules: Readonly<Record<RedisUser, readonly string[]>> = {
  leaderboard: boards,
  worker: boards,
  verify: ['%R~podium:*', ...greeting, '+multi', '+exec', '+hgetall', '+zrevrange'],
  admin: ['~*', '&*', '+@all'],
}

/** An ACL file (`aclfile`) with these passwords, hashed. Without one no client gets in. */
export const aclFile = (passwords: Readonly<Record<RedisUser, string>>): string =>
  [
    'user default off resetpass resetkeys resetchannels -@all',
    ...redisUsers.map((user) => {
      const hash = createHash('sha256').update(passwords[user]).digest('hex')
      return `user ${user} on #${hash} resetchannels -@all ${redisRules[user].join(' ')}`
    }),
    '',
  ].join('\n')

const USAGE = `Usage: node deploy/redis/users.ts > users.acl

Prints an ACL file for redis-server --aclfile. Passwords are taken from REDIS_LEADERBOARD_PASSWORD, REDIS_WORKER_PASSWORD,
REDIS_VERIFY_PASSWORD and REDIS_ADMIN_PASSWORD.
`

if (import.meta.main) {
  const passwords = redisUsers.map((user) => [user, process.env[`REDIS_${user.toUpperCase()}_PASSWORD`] ?? ''] as const)
  if (passwords.some(([, password]) => password === '')) {
    process.stderr.write(USAGE)
    process.exitCode = 2
  } else {
    process.stdout.write(aclFile(Object.fromEntries(passwords) as Record<RedisUser, string>))
  }
}
