import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type NatsRights, type NatsUser, natsRights, natsUsers } from './permissions.ts'

/** The environment variable of the server with a user's password, or with its bcrypt hash. */
export const passwordVariable = (user: NatsUser): string => `NATS_${user.toUpperCase()}_PASSWORD`

/** The users and their rights as the server's configuration has them; passwords come from its environment. */
export const usersConfiguration = (): string =>
  [
    '# Made from permissions.ts by `make gen`. Passwords are in the environment of the server.',
    'authorization {',
    '  # Time to log in. On a machine that is too busy for the default of 2 s, clients would be refused as if their password was wrong.',
    '  timeout: 10',
    '  users = [',
    ...natsUsers.map((user) => userEntry(user, natsRights[user])),
    '  ]',
    '}',
    '',
  ].join('\n')

const userEntry = (user: NatsUser, { publish, subscribe, neverPublish = [] }: NatsRights): string =>
  [
    `    { user: "${user}", password: $${passwordVariable(user)}, permissions: {`,
    '      publish: {',
    ...list('allow', publish),
    ...list('deny', neverPublish),
    '      }',
    '      subscribe: {',
    ...list('allow', subscribe),
    '      }',
    '    } }',
  ].join('\n')

const list = (name: string, subjects: readonly string[]): readonly string[] =>
  subjects.length === 0
    ? []
    : [`        ${name}: [`, ...subjects.map((subject) => `          ${JSON.stringify(subject)}`), '        ]']

const file = fileURLToPath(new URL('users.conf', import.meta.url))

if (import.meta.main) {
  if (!process.argv.includes('--check')) {
    writeFileSync(file, usersConfiguration())
  } else if (readFileSync(file, 'utf8') !== usersConfiguration()) {
    process.stderr.write('deploy/nats/users.conf is not that of permissions.ts; run: make gen\n')
    process.exitCode = 1
  }
}
