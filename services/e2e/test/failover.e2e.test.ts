import pg from 'pg'
import t from 'tap'
import { failOverPostgres, loseAnswersLeader, loseRedisMaster } from '../chaos/faults.ts'
import { playUnder } from '../chaos/game.ts'
import { startPodium } from './support/podium.ts'

/** Long enough that another server is elected. */
const GONE_MS = 1_000

t.test('a game on three nodes that lose a Redis master, a Postgres primary and the leader of a stream', async (t) => {
  const podium = await startPodium(t, { nodes: 3, readyTimeoutMs: 120_000 })
  const { stack } = podium
  const before = await historyOf(stack.urls.postgres)
  const played = await playUnder(
    stack,
    async (_, context) => {
      await loseRedisMaster(stack, context)
      await failOverPostgres(0)(stack, context)
      await loseAnswersLeader(GONE_MS)(stack, context)
    },
    { players: 10, questions: 3, timeLimitSeconds: 5 },
  )
  for (const { at, text } of played.timeline.marks) t.comment(`${Math.round(at)} ms: ${text}`)
  t.same(played.violations, [], 'what players were told, ledger, totals, board and stream agree')
  t.ok(played.accepted > 0)
  t.equal(stack.postgres?.primary(), 2)
  t.not(await historyOf(stack.urls.postgres), before, 'session has reconciled Postgres with the streams by itself')
})

const historyOf = async (databaseUrl: string): Promise<string | undefined> => {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return (await client.query<{ history: string }>('SELECT history FROM postgres_history')).rows[0]?.history
  } finally {
    await client.end()
  }
}
