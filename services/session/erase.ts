import { parseArgs } from 'node:util'
import { connect } from '@nats-io/transport-node'
import pg from 'pg'
import { serverAddresses } from '#platform/addresses'
import { isId } from '#platform/ids'
import { natsOptions } from '#platform/nats'
import { createDatabase } from './database.ts'
import { createErasePerson, createPersonStore } from './players/erase-person.ts'
import { createErasureNews } from './players/lobby.ts'

const USAGE = `Usage: npm run -s erase -- --user ID | --player ID [--dry-run]

Erases a person as a player: nickname and user id in every session, and the texts that were typed, of which a digest stays. What
else was played stays, under ids that cannot be traced back, so that ledgers can still be verified. The person's player tokens are
void afterwards. May run while sessions do, and again. Streams forget within the times that docs/retention.md says.

  --user ID    the user id, the "sub" of the user's tokens
  --player ID  a player of one session, such as a guest: the playerId of joins, results and boards
  --dry-run    only say what would be erased
  --help

DATABASE_URL and NATS_URL say where, with the rights of \`session\`; what is not set is taken from .podium/env, which the local
stack writes.

Exit code: 0 done, 2 not done.
`

const TIMEOUTS = { connectionTimeoutMillis: 5_000, statement_timeout: 60_000 }

const write = (text: string) => void process.stdout.write(text)

const run = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      user: { type: 'string' },
      player: { type: 'string' },
      'dry-run': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) return write(USAGE)
  const { user: userId = '', player: playerId = '', 'dry-run': dryRun = false } = values
  if ((userId === '') === (playerId === '')) throw new Error(`one of --user and --player is missing\n\n${USAGE}`)
  if (playerId !== '' && !isId(playerId)) throw new Error(`${playerId} is no id of a player`)
  const [databaseUrl, natsUrl] = serverAddresses('DATABASE_URL', 'NATS_URL')

  // First, so that nothing is erased whose edges cannot be told.
  const nats = await connect({ ...natsOptions(natsUrl, 'session'), name: 'erase', timeout: 5_000 })
  const pool = new pg.Pool({ connectionString: databaseUrl, application_name: 'erase', max: 1, ...TIMEOUTS })
  // The query that was under way says so itself.
  pool.on('error', () => undefined)
  try {
    const persons = createPersonStore(createDatabase(pool))
    const erasePerson = createErasePerson({ persons, news: createErasureNews(nats) })
    const onErased = ({ sessionId, playerId }: { sessionId: string; playerId: string }) =>
      write(
        `${dryRun ? 'would erase' : 'erased'} nickname, user id and typed answers of player ${playerId} in session ${sessionId}\n`,
      )
    const { traces, hosted } = await erasePerson(playerId === '' ? { userId } : { playerId }, { dryRun, onErased })
    write(`${traces.length} ${traces.length === 1 ? 'session' : 'sessions'}\n`)
    if (hosted.quizzes + hosted.sessions > 0) {
      write(`kept: ${hosted.quizzes} quizzes and ${hosted.sessions} sessions that this user hosts name the user id\n`)
    }
  } finally {
    await Promise.all([nats.drain(), pool.end()])
  }
}

try {
  await run()
} catch (error) {
  process.stderr.write(`Not erased: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
