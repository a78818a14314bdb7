import { existsSync, readFileSync } from 'node:fs'
import { parseArgs, parseEnv } from 'node:util'
import type { SourceOptions } from './sources.ts'

export const USAGE = `Usage: npm run verify -- --session ID [options]

Recomputes a session from its ledger and compares everything else with it: the points of each row, totals, progress per
question, accepted answers, the Redis board, and the edge's leaderboard.

  --session ID     the session; may be given more than once
  --all            every session
  --wait SECONDS   compare again for so long while something differs (default 0)
  --token TOKEN    user token of the session's host, to ask the edge as well
  --json           one JSON document per session and line
  --help

DATABASE_URL and REDIS_URL say where to look; NATS_URL and EDGE_URL add the accepted answers and the edge. VERIFY_DATABASE_URL
and so on go first: users who may only read. What is not set is taken from .podium/env, which the local stack writes.

Exit code: 0 everything agrees, 1 something differs, 2 it could not be verified.
`

export interface Arguments {
  readonly help: boolean
  /** Undefined means all. */
  readonly sessionIds: readonly string[] | undefined
  readonly json: boolean
  readonly waitMs: number
  readonly sources: SourceOptions
}

/** Thrown with a sentence for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export const readArguments = (args: readonly string[], env: NodeJS.ProcessEnv, envFile: string): Arguments => {
  const values = parse(args)
  const ofStack = existsSync(envFile) ? parseEnv(readFileSync(envFile, 'utf8')) : {}
  const setting = (name: string) => settingOf(name, env) ?? settingOf(name, ofStack)
  const [databaseUrl, redisUrl, natsUrl, edgeUrl] = ['DATABASE_URL', 'REDIS_URL', 'NATS_URL', 'EDGE_URL'].map(setting)
  const help = values.help === true
  const named = (values.session ?? []).filter((id) => id !== '')
  const sessionIds = values.all === true ? undefined : named
  const seconds = Number(values.wait ?? 0)
  if (!help) {
    if (sessionIds?.length === 0) throw new UsageError('Name a session with --session, or take --all.')
    const wrong = sessionIds?.find((id) => !UUID.test(id))
    if (wrong !== undefined) throw new UsageError(`"${wrong}" is no session id.`)
    if (!(seconds >= 0 && seconds <= 3_600)) throw new UsageError('--wait takes seconds, at most 3600.')
    if (databaseUrl === undefined || redisUrl === undefined) {
      throw new UsageError('DATABASE_URL and REDIS_URL are needed; is the local stack running (make up)?')
    }
  }
  const token = values.token
  return {
    help,
    sessionIds,
    json: values.json === true,
    waitMs: seconds * 1_000,
    sources: {
      databaseUrl: databaseUrl ?? '',
      redisUrl: redisUrl ?? '',
      natsUrl,
      edge: edgeUrl === undefined || token === undefined ? undefined : { url: edgeUrl, token },
    },
  }
}

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        session: { type: 'string', multiple: true },
        all: { type: 'boolean' },
        wait: { type: 'string' },
        token: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : 'unusable arguments', { cause })
  }
}

/** With the rights of `verify` where there is such a user. An empty variable counts as unset. */
const settingOf = (name: string, env: NodeJS.ProcessEnv): string | undefined =>
  env[`VERIFY_${name}`] || env[name] || undefined
