import { readFileSync } from 'node:fs'
import { METRICS } from '#platform/contract/names'
import { PodiumError } from '#platform/errors'
import type { Redis } from '#platform/redis'
import { type Metrics, noTelemetry, type Span } from '#platform/telemetry'
import { createStoreCalls } from '#platform/telemetry/stores'
import { memberOf, packScore } from '../game/scoring/board-order.ts'
import type { Totals } from '../game/scoring/totals.ts'
import type { BoardStore, BoardVersion } from './boards.ts'

const SCRIPTS = ['apply-totals-3', 'rebuild-board-3', 'read-board-3', 'check-board-3'] as const
type ScriptName = (typeof SCRIPTS)[number]
/** The driver sends a script's text once per connection, then its digest, and the text again if the server forgot it. */
type RedisWithScripts = Redis & Record<ScriptName, (...keysAndArgs: (string | number)[][]) => Promise<unknown[]>>

/** Keys of a board that is unused for this long expire; it can be rebuilt at any time. */
const TTL_SECONDS = 48 * 60 * 60

/** Boards in Redis; see the Lua files for keys and guards. */
export const createRedisBoards = (connection: Redis, metrics: Metrics = noTelemetry().metrics): BoardStore => {
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
    const end = calls(name, span)
    try {
      const result = await redis[name](keysOf(sessionId), [await runId(), ...args])
      end()
      return result
    } catch (cause) {
      end(cause)
      throw new PodiumError('unavailable', { cause })
    }
  }

  return {
    apply: async (sessionId, totals, span) => {
      const result = await call('apply-totals-3', sessionId, [TTL_SECONDS, ...totals.flatMap(toArguments)], span)
      if (result.length === 0) return 'lost'
      const [epoch = 0, from = 0, to = 0, ...unchanged] = result.map(Number)
      const left = new Set(unchanged)
      const changed = left.size === 0 ? totals : totals.filter((_, index) => !left.has(index + 1))
      applied.add(changed.length)
      stale.add(left.size)
      return { epoch, from, to, changed }
    },
    rebuild: async (sessionId, epoch, totals) => {
      const args = [TTL_SECONDS, epoch, ...totals.flatMap(toArguments)]
      const version = toVersion(await call('rebuild-board-3', sessionId, args))
      rebuilds.add()
      return version
    },
    read: async (sessionId) => {
      const result = await call('read-board-3', sessionId, [TTL_SECONDS])
      if (result.length === 0) return 'lost'
      const totals: Totals[] = []
      for (let at = 2; at < result.length; at += 2) {
        const each = fromRecord(String(result[at]), String(result[at + 1]))
        if (each !== undefined) totals.push(each)
      }
      return { ...toVersion(result), totals }
    },
    check: (sessionIds) =>
      Promise.all(
        sessionIds.map(async (sessionId) => {
          const result = await call('check-board-3', sessionId, [])
          return result.length === 0 ? 'lost' : toVersion(result)
        }),
      ),
    drop: async (sessionId) => {
      const [, , meta = ''] = keysOf(sessionId)
      try {
        // Without its meta key a board is lost; the rebuild deletes the rest.
        await redis.del(meta)
      } catch (cause) {
        throw new PodiumError('unavailable', { cause })
      }
    },
  }
}

/** The braces keep all keys of a session on one server of a Redis cluster. */
const keysOf = (sessionId: string): string[] => {
  const prefix = `podium:{${sessionId}}:`
  return [`${prefix}board`, `${prefix}players`, `${prefix}meta`]
}

const toArguments = (totals: Totals): (string | number)[] => [
  memberOf(totals.joinOrder, totals.playerId),
  totals.removed ? '' : packScore(totals.score, totals.correctMs),
  toRecord(totals),
]

const toVersion = ([epoch, version]: unknown[]): BoardVersion => ({ epoch: Number(epoch), version: Number(version) })

const REMOVED = 'removed'

/**
 * A player's record in the players HASH: version, join order, score, correct answers, correct ms, streak, answered in
 * base64, separated by spaces; `removed` for a removed player. All that a snapshot needs, and readable for operators.
 */
const toRecord = (totals: Totals): string => {
  if (totals.removed) return REMOVED
  const { version, joinOrder, score, correctAnswers, correctMs, streak, answered } = totals
  const bits = Buffer.from(answered.buffer, answered.byteOffset, answered.byteLength).toString('base64')
  return `${version} ${joinOrder} ${score} ${correctAnswers} ${correctMs} ${streak} ${bits}`
}

/** Undefined for a removed player. */
const fromRecord = (playerId: string, record: string): Totals | undefined => {
  if (record === REMOVED) return undefined
  const [version, joinOrder, score, correctAnswers, correctMs, streak, bits = ''] = record.split(' ')
  return {
    playerId,
    version: Number(version),
    joinOrder: Number(joinOrder),
    score: Number(score),
    correctAnswers: Number(correctAnswers),
    correctMs: Number(correctMs),
    streak: Number(streak),
    answered: Buffer.from(bits, 'base64'),
    removed: false,
  }
}

/**
 * The run id of the server at the other end: a new one after every start, also when it comes back with its data.
 *
 * A connection leads to one run of a server, so it is asked once per connection: in a script the question
 * takes longer than a small batch. What the driver sends again after a reconnect has the id of the run before and may be
 * applied to what that one has saved; the next check of the board still finds that it is lost.
 */
export const followRunId = (redis: Redis): (() => Promise<string>) => {
  let run: Promise<string> | undefined
  redis.on('close', () => {
    run = undefined
  })

  const ask = async (): Promise<string> => {
    const id = /run_id:([0-9a-f]+)/.exec(await redis.info('server'))?.[1]
    if (id === undefined) throw new Error('INFO has no run id')
    return id
  }

  return () => {
    if (run !== undefined) return run
    const asked = ask()
    run = asked
    asked.catch(() => {
      if (run === asked) run = undefined
    })
    return asked
  }
}
