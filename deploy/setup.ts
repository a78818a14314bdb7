import { parseArgs } from 'node:util'
import { applyMigrations } from './migrations/apply.ts'
import { applyDeclarations, declarationOptions } from './nats/apply.ts'
import { applyRoles, passwordsFromEnv } from './postgres/apply.ts'

/**
 * What has to be there before a service starts: the schema, the roles with their rights, the streams and consumers. Safe to
 * repeat, and to run while an earlier version serves. Fails as a whole, so that a job that runs it is tried again.
 */
const USAGE = `Usage: node deploy/setup.ts [--allow-weaker]

DATABASE_URL   Postgres, as the owner of the database
NATS_URL       NATS, as the user admin
JS_REPLICAS    copies of each stream: 1, 3 or 5. Default: streams keep what they have, new ones get as many, at least 1
ALLOW_WEAKER   1, as --allow-weaker: fewer copies, shorter ages and smaller limits of existing streams are meant; else they are
               refused, and no stream is changed
STREAMS_MAX_BYTES  what all streams may hold together: default 4 GiB for new ones, those that exist keep their limits; a full one
               refuses messages, and drops none
ANSWER_PARTITIONS  streams that the answers are spread over: 1 (default) to 4, the same for every service
POSTGRES_SESSION_PASSWORD, POSTGRES_EVALUATOR_PASSWORD, …   passwords of the services' roles; without them the roles
               cannot log in, and you make users that are members of them
`

const {
  DATABASE_URL: databaseUrl = '',
  NATS_URL: natsUrl = '',
  JS_REPLICAS,
  ANSWER_PARTITIONS,
  STREAMS_MAX_BYTES,
  ALLOW_WEAKER,
} = process.env
const { values } = parseArgs({ options: { 'allow-weaker': { type: 'boolean' } } })

if (databaseUrl === '' || natsUrl === '') {
  process.stderr.write(USAGE)
  process.exitCode = 2
} else {
  const declarations = declarationOptions(JS_REPLICAS || undefined, ANSWER_PARTITIONS, STREAMS_MAX_BYTES || undefined)
  const applied = await applyMigrations(databaseUrl)
  await applyRoles(databaseUrl, passwordsFromEnv(process.env))
  const allowWeaker = values['allow-weaker'] ?? ALLOW_WEAKER === '1'
  for (const line of await applyDeclarations(natsUrl, { ...declarations, allowWeaker }))
    process.stdout.write(`${line}\n`)
  process.stdout.write(`set up; migrations applied: ${applied.length === 0 ? 'none' : applied.join(', ')}\n`)
}
