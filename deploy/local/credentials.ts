import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { natsUsers } from '../nats/permissions.ts'
import { databaseUsers } from '../postgres/roles.ts'
import { redisUsers } from '../redis/users.ts'

const users = { nats: natsUsers, postgres: databaseUsers, redis: redisUsers } as const

type Users = typeof users

/** Passwords of one stack's own servers, one per server and user. */
export type Credentials = { readonly [S in keyof Users]: Readonly<Record<Users[S][number], string>> }

/** The passwords in this folder; makes those that are missing. The folder belongs to one stack. */
export const createCredentials = (keysDir: string): Credentials => {
  mkdirSync(keysDir, { recursive: true, mode: 0o700 })
  const file = join(keysDir, 'credentials.json')
  const known: Partial<Record<string, Record<string, string>>> = existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : {}
  const complete = Object.fromEntries(
    Object.entries(users).map(([server, names]) => [
      server,
      Object.fromEntries(names.map((name) => [name, known[server]?.[name] ?? newPassword()])),
    ]),
  ) as Credentials
  writeFileSync(`${file}.new`, `${JSON.stringify(complete, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return complete
}

/** Letters and digits, a letter first: a password in the environment of nats-server must not look like a number. */
export const newPassword = (): string => `p${randomBytes(18).toString('hex')}`

/** A server's URL for one of its users; of several servers, separated by commas, that of each. */
export const urlFor = (serverUrls: string, user: string, password: string): string =>
  serverUrls
    .split(',')
    .map((serverUrl) => {
      const url = new URL(serverUrl)
      url.username = user
      url.password = password
      return url.href
    })
    .join(',')
