import { existsSync, readFileSync } from 'node:fs'
import { parseArgs, parseEnv } from 'node:util'
import type { SourceOptions } from './sources.ts'

export const USAGE = `Usage: npm run verify -- --session ID [options]

Recomputes a session from its ledger and compares everything else with it: the points of each row, totals, progress per
question, accepted answers, the Redis board, and the edge's leaderboard.

  --session ID     the session; may be given more than once
  --all            every session
  --since TIME     with --all: only sessions that were not over at this time, an ISO 8601 time, or so long ago: 90m, 26h, 7d
  --parallel N     sessions verified at a time, 1 to 32 (default 1); each needs a connection to Postgres
  --wait SECONDS   compare again for so long while something differs (default 0)
  --token TOKEN    user token of the session's host, to ask the edge as well
  --json           one JSON document per session and line
  --help

DATABASE_URL and REDIS_URL say where to look; NATS_URL and EDGE_URL add the accepted answers and the edge. VERIFY_DATABASE_URL
and so on go first: users who may only read. What is not set is taken from .podium/env, which the local stack writes.
Progress is reported on standard error.

Exit code: 0 everything agrees, 1 something differs, 2 it could not be verified.
`

export interface Arguments {
  readonly help: boolean
  /** Undefined means all. */
  readonly sessionIds: readonly string[] | undefined
  /** Of all sessions those that were not over then. */
  readonly since: Date | undefined
  readonly json: boolean
  readonly waitMs: number
  readonly sources: SourceOptions
}

/** Thrown with a sentence for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const MAX_PARALLEL = 32
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** An invalid date for what is neither a time nor a duration. */
const timeOf = (text: string, now = Date.now()): Date => {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? []
  if (count !== undefined) return new Date(now - Number(count) * (UNIT_MS[unit] ?? 0))
  return new Date(/^\d{4}-\d\d-\d\d/.test(text) ? text : Number.NaN)
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
  const since = values.since === undefined ? undefined : timeOf(values.since)
  const parallel = Number(values.parallel ?? 1)
  if (!help) {
    if (sessionIds?.length === 0) throw new UsageError('Name a session with --session, or take --all.')
    const wrong = sessionIds?.find((id) => !UUID.test(id))
    if (wrong !== undefined) throw new UsageError(`"${wrong}" is no session id.`)
    if (!(seconds >= 0 && seconds <= 3_600)) throw new UsageError('--wait takes seconds, at most 3600.')
    if (since !== undefined && (Number.isNaN(since.getTime()) || sessionIds !== undefined)) {
      throw new UsageError(
        '--since takes a time (2026-11-25T04:00Z) or a duration (90m, 26h, 7d), together with --all.',
      )
    }
    if (!(Number.isInteger(parallel) && parallel >= 1 && parallel <= MAX_PARALLEL)) {
      throw new UsageError(`--parallel takes a whole number from 1 to ${MAX_PARALLEL}.`)
    }
    if (databaseUrl === undefined || redisUrl === undefined) {
      throw new UsageError('DATABASE_URL and REDIS_URL are needed; is the local stack running (make up)?')
    }
  }
  const token = values.token
  return {
    help,
    sessionIds,
    since,
    json: values.json === true,
    waitMs: seconds * 1_000,
    sources: {
      databaseUrl: databaseUrl ?? '',
      redisUrl: redisUrl ?? '',
      natsUrl,
      parallel,
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
        since: { type: 'string' },
        parallel: { type: 'string' },
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
