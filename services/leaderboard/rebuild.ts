import { parseArgs } from 'node:util'
import { connect } from '@nats-io/transport-node'
import pg from 'pg'
import { serverAddresses } from '#platform/addresses'
import { isId } from '#platform/ids'
import { natsOptions } from '#platform/nats'
import { createRedisClient } from '#platform/redis'
import { createRuleBook, RULES } from '../game/scoring/rules.ts'
import { createAnnounce } from './board-messages.ts'
import { createBoards } from './boards.ts'
import { createBeginEpoch, sessionsWithBoard } from './ledger.ts'
import { createRedisBoards } from './redis-boards.ts'

const USAGE = `Usage: npm run -s boards -- --rebuild [--session ID]...

Builds boards in Redis anew from the totals in Postgres, each under a new epoch, and announces them: edges then ask for a
snapshot. May run while sessions do, and again.

  --rebuild        do it
  --session ID     this session; may be given more than once. Default: every session that is not over, and those whose
                   board is still kept (two days after the end)
  --help

DATABASE_URL, REDIS_URL and NATS_URL say where, with the rights of \`leaderboard\`; what is not set is taken from .podium/env,
which the local stack writes.

Exit code: 0 done, 1 there is no such session, 2 not done.
`

const TIMEOUT_MS = 5_000

const write = (text: string) => void process.stdout.write(text)

/** The exit code. */
const run = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      rebuild: { type: 'boolean' },
      session: { type: 'string', multiple: true },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) {
    write(USAGE)
    return 0
  }
  if (values.rebuild !== true) throw new Error(`--rebuild is missing\n\n${USAGE}`)
  const wrong = values.session?.find((id) => !isId(id))
  if (wrong !== undefined) throw new Error(`"${wrong}" is no session id\n\n${USAGE}`)
  const [databaseUrl, redisUrl, natsUrl] = serverAddresses('DATABASE_URL', 'REDIS_URL', 'NATS_URL')

  const nats = await connect({ ...natsOptions(natsUrl, 'leaderboard'), name: 'boards', timeout: TIMEOUT_MS })
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: 'boards',
    max: 1,
    connectionTimeoutMillis: TIMEOUT_MS,
    statement_timeout: 60_000,
  })
  const redis = createRedisClient(redisUrl, {
    lazyConnect: true,
    connectionName: 'boards',
    connectTimeout: TIMEOUT_MS,
    commandTimeout: 60_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  })
  // The call under way fails with the same error.
  for (const client of [pool, redis]) client.on('error', () => undefined)
  try {
    await redis.connect()
    const logger = { warn: ({ err }: { readonly err: unknown }) => process.stderr.write(`${String(err)}\n`) }
    const { replace } = createBoards(
      createRedisBoards(redis),
      createBeginEpoch(pool, createRuleBook(RULES), logger),
      createAnnounce(nats),
    )
    const sessionIds = values.session ?? (await sessionsWithBoard(pool))
    let rebuilt = 0
    for (const sessionId of sessionIds) {
      const board = await replace(sessionId)
      if (board !== 'unknown-session') rebuilt += 1
      write(board === 'unknown-session' ? `no session ${sessionId}\n` : `rebuilt ${sessionId}, epoch ${board.epoch}\n`)
    }
    write(`${rebuilt} ${rebuilt === 1 ? 'board' : 'boards'} rebuilt\n`)
    return rebuilt === sessionIds.length ? 0 : 1
  } finally {
    redis.disconnect()
    await Promise.all([nats.drain(), pool.end()])
  }
}

try {
  process.exitCode = await run()
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error)
  process.stderr.write(`Not rebuilt: ${reason}\n`)
  process.exitCode = 2
}
