import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs, parseEnv } from 'node:util'
import { newPassword } from '../local/credentials.ts'
import { devAudience, devIssuerName, ensureKey } from '../local/keys.ts'
import { natsUsers } from '../nats/permissions.ts'
import { databaseUsers } from '../postgres/roles.ts'
import { aclFile, type RedisUser, redisUsers } from '../redis/users.ts'

const USAGE = `Usage: node deploy/compose/prepare.ts [--development]

Makes the secrets that compose.yaml needs: .env with the passwords, and keys/ with the keys of player tokens
and the users of Redis. Safe to repeat: what is there stays.

  --development   with an identity provider whose key lies in keys/ as well, for trying things out:
                  PODIUM_DIR=deploy/compose npm run -s token -- --role host --name Ada
`

/** The variables whose values are passwords. */
export const passwordVariables: readonly string[] = [
  ...natsUsers.map((user) => `NATS_${user.toUpperCase()}_PASSWORD`),
  'POSTGRES_PASSWORD',
  ...databaseUsers.map((user) => `POSTGRES_${user.toUpperCase()}_PASSWORD`),
  ...redisUsers.map((user) => `REDIS_${user.toUpperCase()}_PASSWORD`),
  'GRAFANA_PASSWORD',
]

/** Fills the folder with .env and keys/. */
export const prepare = async (folder: string, options: { readonly development: boolean }): Promise<void> => {
  const keys = join(folder, 'keys')
  mkdirSync(keys, { recursive: true, mode: 0o700 })
  const envFile = join(folder, '.env')
  const known = existsSync(envFile) ? parseEnv(readFileSync(envFile, 'utf8')) : {}
  const passwords = Object.fromEntries(passwordVariables.map((name) => [name, known[name] || newPassword()]))
  const users = options.development
    ? { USER_JWKS: '/run/secrets/user_jwks', USER_ISSUER: devIssuerName, USER_AUDIENCE: devAudience }
    : { USER_JWKS: '', USER_ISSUER: '', USER_AUDIENCE: '' }
  const all: Record<string, string> = { ...users, ...passwords, ...withoutEmpty(known) }
  const text = Object.entries(all).map(([name, value]) => `${name}=${value}\n`)
  writeFileSync(envFile, text.join(''), { mode: 0o600 })

  const file = (name: string) => join(keys, name)
  await ensureKey(file('player-signing-key.json'), file('player-jwks.json'))
  if (options.development) await ensureKey(file('user-signing-key.json'), file('user-jwks.json'))
  else if (!existsSync(file('user-jwks.json'))) writeFileSync(file('user-jwks.json'), '{ "keys": [] }\n')
  const ofRedis = redisUsers.map((user) => [user, all[`REDIS_${user.toUpperCase()}_PASSWORD`] ?? ''] as const)
  writeFileSync(file('redis-users.acl'), aclFile(Object.fromEntries(ofRedis) as Record<RedisUser, string>))
  // Compose mounts single files as they are, for users of other numbers than ours; the folder is what keeps others out.
  for (const name of ['player-signing-key.json', 'redis-users.acl']) chmodSync(file(name), 0o444)
}

const withoutEmpty = (env: NodeJS.Dict<string>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1])))

if (import.meta.main) {
  const { values } = parseArgs({ options: { development: { type: 'boolean' }, help: { type: 'boolean' } } })
  if (values.help === true) {
    process.stdout.write(USAGE)
  } else {
    await prepare(import.meta.dirname, { development: values.development === true })
    const missing = values.development === true ? '' : '; set USER_JWKS, USER_ISSUER and USER_AUDIENCE in .env'
    process.stdout.write(`prepared ${import.meta.dirname}${missing}\n`)
  }
}
