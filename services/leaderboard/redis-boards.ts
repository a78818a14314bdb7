import { readFileSync } from 'node:fs'
import { METRICS } from '#platform/contract/names'
import { PodiumError } from '#platform/errors'
import type { Redis } from '#platform/redis'
import { type Metrics, noTelemetry, type Span } from '#platform/telemetry'
import { createStoreCalls } from '#platform/telemetry/store-calls'
import { memberOf, packScore } from '../game/scoring/packing.ts'
import type { Boards, BoardVersion } from './ports.ts'
import { fromRecord, toRecord } from './record.ts'
import { followRunId } from './run-id.ts'
import type { Standing } from './standing.ts'

const SCRIPTS = ['apply-totals-3', 'rebuild-board-3', 'read-board-3', 'check-board-3'] as const
type ScriptName = (typeof SCRIPTS)[number]
/** The driver sends a script's text once per connection, then its digest, and the text again if the server forgot it. */
type RedisWithScripts = Redis & Record<ScriptName, (...keysAndArgs: (string | number)[][]) => Promise<unknown[]>>

/** Keys of a board that nobody has touched for this long go away; it can be rebuilt at any time. */
const TTL_SECONDS = 48 * 60 * 60

/** Boards in Redis; see the Lua files for keys and guards. */
export const createRedisBoards = (connection: Redis, metrics: Metrics = noTelemetry().metrics): Boards => {
  const calls = createStoreCalls(metrics, 'redis')
  const applied = metrics.counter(METRICS.boardUpdates, 'applied')
  const stale = metrics.counter(METRICS.boardUpdates, 'stale')
  const rebuilds = metrics.counter(METRICS.boardRebuilds)
  for (const name of SCRIPTS) {
    const lua = readFileSync(new URL(`./${name}.lua`, import.meta.url), 'utf8')
    connection.defineCommand(name, { lua, numberOfKeys: 3 })
  }
  const redis = connection as RedisWithScripts
  const runId = followRunId(connection)

  const call = async (
    name: ScriptName,
    sessionId: string,
    args: (string | number)[],
    span?: Span,
  ): Promise<unknown[]> => {
    // The driver would queue it until the server is back.
    if (redis.status !== 'ready') throw new PodiumError('unavailable', { cause: new Error('not connected to Redis') })
    const over = calls(name, span)
    try {
      const result = await redis[name](keysOf(sessionId), [await runId(), ...args])
      over()
      return result
    } catch (cause) {
      over(cause)
      throw new PodiumError('unavailable', { cause })
    }
  }

  return {
    apply: async (sessionId, standings, span) => {
      const result = await call('apply-totals-3', sessionId, [TTL_SECONDS, ...standings.flatMap(toArguments)], span)
      if (result.length === 0) return 'lost'
      const [epoch = 0, from = 0, to = 0, ...unchanged] = result.map(Number)
      const left = new Set(unchanged)
      const changed = left.size === 0 ? standings : standings.filter((_, index) => !left.has(index + 1))
      applied.add(changed.length)
      stale.add(left.size)
      return { epoch, from, to, changed }
    },
    rebuild: async (sessionId, epoch, standings) => {
      const args = [TTL_SECONDS, epoch, ...standings.flatMap(toArguments)]
      const version = toVersion(await call('rebuild-board-3', sessionId, args))
      rebuilds.add()
      return version
    },
    read: async (sessionId) => {
      const result = await call('read-board-3', sessionId, [TTL_SECONDS])
      if (result.length === 0) return 'lost'
      const standings: Standing[] = []
      for (let at = 2; at < result.length; at += 2) {
        const standing = fromRecord(String(result[at]), String(result[at + 1]))
        if (standing !== undefined) standings.push(standing)
      }
      return { ...toVersion(result), standings }
    },
    check: (sessionIds) =>
      Promise.all(
        sessionIds.map(async (sessionId) => {
          const result = await call('check-board-3', sessionId, [])
          return result.length === 0 ? 'lost' : toVersion(result)
        }),
      ),
  }
}

/** The braces keep all keys of a session on one server of a Redis cluster. */
const keysOf = (sessionId: string): string[] => {
  const prefix = `podium:{${sessionId}}:`
  return [`${prefix}board`, `${prefix}players`, `${prefix}meta`]
}

const toArguments = (standing: Standing): (string | number)[] => [
  memberOf(standing.joinOrder, standing.playerId),
  standing.removed ? '' : packScore(standing.score, standing.correctMs),
  toRecord(standing),
]

const toVersion = ([epoch, version]: unknown[]): BoardVersion => ({ epoch: Number(epoch), version: Number(version) })
