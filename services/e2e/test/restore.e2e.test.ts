import { execFile } from 'node:child_process'
import { appendFile, chown, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { createPostgres } from '../../../deploy/local/servers/postgres.ts'
import { rightChoice } from '../../client/testing/game.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { testFolder } from '../../platform/test/support/folder.ts'
import { startPodium } from './support/podium.ts'
import { openGame } from './support/whole-game.ts'

t.test('a Postgres restored to what it was a while ago heals by itself', async (t) => {
  const dataDir = await testFolder(t)
  const postgres = createPostgres({ dataDir, durable: false })
  t.teardown(() => postgres.stop())
  await postgres.start()
  const [cluster, backup] = [join(dataDir, 'cluster'), join(dataDir, 'backup')]
  const podium = await startPodium(t, { servers: { postgres: postgres.url }, copies: { session: 2 } })
  const game = await openGame(podium)
  const { host, questionId, players } = game
  const { sessionId } = game.session
  const over = await openGame(podium)
  const answer = (from: number, to: number) =>
    Promise.all(players.slice(from, to).map((player) => player.answer(questionId, { choice: rightChoice(0) })))
  const isExact = (answers: number) =>
    eventually(
      async () => {
        const { questions } = await host.results(sessionId)
        return questions[0]?.answerCount === answers && (await podium.differences(sessionId)).length === 0
      },
      { timeoutMs: 60_000, intervalMs: 200, what: `${answers} answers, and nothing differs` },
    )
  await answer(0, 2)
  await isExact(2)
  await postgres.stop()
  await promisify(execFile)('cp', ['-a', cluster, backup])
  await postgres.start()

  // What the backup does not know: answers, a player, a closed question, a session that is over.
  await answer(2, 6)
  const client = await podium.user('Gus')
  const late = await eventually(() => client.join(sessionId, { nickname: 'Gus' }).catch(() => undefined), {
    timeoutMs: 30_000,
    what: 'Postgres serves again',
  })
  podium.onPlayer(late)
  await late.answer(questionId, { choice: rightChoice(0) })
  await isExact(7)
  await host.control(sessionId, 'close')
  await eventually(async () => (await host.session(sessionId)).status === 'question_closed', { timeoutMs: 30_000 })
  await over.host.control(over.session.sessionId, 'end')
  const before = await host.results(sessionId)

  await postgres.stop()
  await rm(cluster, { recursive: true })
  await rename(backup, cluster)
  // As a restore from an archive does, which ends with a timeline of its own.
  const { uid, gid } = await stat(join(cluster, 'PG_VERSION'))
  await writeFile(join(cluster, 'recovery.signal'), '')
  await chown(join(cluster, 'recovery.signal'), uid, gid)
  await appendFile(join(cluster, 'postgresql.auto.conf'), `restore_command = 'false'\n`)
  await postgres.start()

  await isExact(7)
  const after = await host.results(sessionId)
  t.same(
    after.players.map(({ playerId, score, rank }) => ({ playerId, score, rank })),
    before.players.map(({ playerId, score, rank }) => ({ playerId, score, rank })),
  )
  t.match(
    after.players.find(({ playerId }) => playerId === late.playerId),
    { nickname: /^Player \d+$/ },
  )
  t.equal((await host.session(sessionId)).status, 'question_closed')
  t.equal((await over.host.session(over.session.sessionId)).status, 'finished')
  // The game continues, and no number is assigned twice.
  const newest = await (await podium.user('Hal')).join(sessionId, { nickname: 'Hal' })
  podium.onPlayer(newest)
  await host.control(sessionId, 'next')
  const { question } = await eventually(
    async () => {
      const state = await host.session(sessionId)
      return state.status === 'question_open' ? state : undefined
    },
    { timeoutMs: 30_000 },
  )
  for (const player of [...players, late, newest]) {
    await player.answer(question?.questionId ?? '', { choice: rightChoice(1) }, { deadlineMs: 30_000 })
  }
  await eventually(async () => (await podium.differences(sessionId)).length === 0, { timeoutMs: 30_000 })
  t.equal((await host.results(sessionId)).questions[1]?.answerCount, 8)

  // By hand, where nothing is missing, with the rights of `session`.
  const { nats, postgres: database } = podium.stack.urlsOf('session')
  const env = { ...process.env, NATS_URL: nats, DATABASE_URL: database }
  const args = ['services/session/recovery/main.ts', '--since', '1h']
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 60_000 })
  t.match(stdout, /^set 0 sessions to the state of their feeds, added 0 players$/m)
  t.match(stdout, /^[1-9]\d* messages with answers were evaluated and scored again$/m)
  t.same(await podium.differences(sessionId), [])
})
