import pg from 'pg'
import { type DatabaseUser, databaseUsers, roleOf, rolesStatements } from './roles.ts'

/**
 * Brings the roles of a migrated database up to date. Roles whose password is given can log in with it afterwards, the
 * others are left as they are. The user of the URL must own the tables and may create roles.
 */
export const applyRoles = async (
  databaseUrl: string,
  passwords: Readonly<Partial<Record<DatabaseUser, string>>> = {},
): Promise<void> => {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 10_000,
    lock_timeout: 30_000,
    application_name: 'roles',
  })
  client.on('error', () => undefined) // a lost connection shows in the query that fails
  await client.connect()
  try {
    const logins = Object.entries(passwords).map(
      ([user, password]) =>
        `ALTER ROLE ${roleOf(user as DatabaseUser)} LOGIN PASSWORD ${client.escapeLiteral(password)};`,
    )
    // One text is one transaction: no role is visible without its grants in between.
    await client.query([rolesStatements(), ...logins].join('\n'))
  } finally {
    await client.end()
  }
}

/** Of POSTGRES_<SERVICE>_PASSWORD, those that are set. */
export const passwordsFromEnv = (env: NodeJS.ProcessEnv): Partial<Record<DatabaseUser, string>> =>
  Object.fromEntries(
    databaseUsers
      .map((user) => [user, env[`POSTGRES_${user.toUpperCase()}_PASSWORD`]] as const)
      .filter(([, password]) => password !== undefined && password !== ''),
  )

const USAGE = `Usage: node deploy/postgres/apply.ts [--sql]

Creates the roles of the services in the database of DATABASE_URL, which must be migrated, with the grants they need and
no others. A role can log in when POSTGRES_<SERVICE>_PASSWORD (POSTGRES_SESSION_PASSWORD, …) has its password; make users
that are members of the roles otherwise. --sql prints the statements instead.
`

if (import.meta.main) {
  const url = process.env.DATABASE_URL
  const passwords = passwordsFromEnv(process.env)
  if (process.argv.includes('--sql')) {
    process.stdout.write(`${rolesStatements()}\n`)
  } else if (url === undefined || url === '' || process.argv.length > 2) {
    process.stderr.write(USAGE)
    process.exitCode = 2
  } else {
    await applyRoles(url, passwords)
    process.stdout.write(`${databaseUsers.length} roles, ${Object.keys(passwords).length} with a new password\n`)
  }
}
