import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import t from 'tap'
import { canary, createGame, openNextQuestion, rightChoice } from '../../client/testing/game.ts'
import { exchangeRaw } from '../../edge/test/support/raw-http.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import { createHttp } from './support/http.ts'
import { startPodium } from './support/podium.ts'

const ERASE = new URL('../../session/erase.ts', import.meta.url).pathname

/** A name and an id that appear nowhere else. */
const NICKNAME = 'Xanthippe'
const USER = `user-${NICKNAME.toLowerCase()}`

t.test('secrets and persons', async (t) => {
  // Everything that a service can say, and statements that Postgres refuses.
  const podium = await startPodium(t, { logLevel: 'trace' })
  const { stack, secrets } = podium
  const http = createHttp(podium.edgeUrl)
  const hostToken = await podium.token('Host', ['host'])
  for (const secret of [NICKNAME, USER]) secrets.plant(secret)

  const game = await createGame(podium, { players: ['Bob'], questions: 2, settings: { advance: 'manual' } })
  const { sessionId } = game.session
  const token = await podium.token(NICKNAME)
  const her = (await http('POST', `/v1/sessions/${sessionId}/join`, { token })).body
  const { questionId } = await openNextQuestion(game)
  const answer = { answerId: 'a', questionId, choice: rightChoice(0) }
  await http('POST', `/v1/sessions/${sessionId}/answers`, { token: her.token, body: answer })
  await game.host.control(sessionId, 'close')
  const names = async (): Promise<string[]> => {
    const { body } = await http('GET', `/v1/sessions/${sessionId}/leaderboard`, { token: hostToken })
    return body.top.map(({ nickname }: { nickname: string }) => nickname)
  }
  await eventually(async () => (await names())[0] === NICKNAME)

  await t.test('clients that do everything wrong', async () => {
    const bad = `${token.slice(0, -6)}AAAAAA`
    for (const attempt of [token, bad, `${token}.${token}`, 'x'.repeat(2_100)]) {
      await http('POST', `/v1/sessions/${sessionId}/join`, { token: attempt, body: { nickname: `${NICKNAME}\u202e` } })
      await http('POST', `/v1/sessions/${sessionId}/answers`, { token: attempt, body: { answerId: attempt } })
      await http('GET', `/v1/sessions/${sessionId}?token=${attempt}`)
      await http('GET', `/v1/sessions/${attempt}/events`, { token: attempt })
    }
    const port = Number(new URL(podium.edgeUrl).port)
    for (const headers of [`Sec-WebSocket-Protocol: podium.v1, bearer.${bad}`, `Authorization: Basic ${token}`]) {
      await exchangeRaw(
        port,
        `GET /v1/sessions/${sessionId}/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n\r\n`,
      )
    }
  })

  await t.test('errors of ours, with names and keys in what fails', async (t) => {
    const database = new pg.Client({ connectionString: stack.urls.postgres })
    await database.connect()
    await database.query('ALTER TABLE players RENAME COLUMN nickname_key TO key_elsewhere')
    const failed = await http('POST', `/v1/sessions/${sessionId}/join`, {
      token: await podium.token('Dora'),
      body: { nickname: `${NICKNAME} II` },
    })
    await database.query('ALTER TABLE players RENAME COLUMN key_elsewhere TO nickname_key')
    await database.end()
    t.match(failed, { status: 500, body: { code: 'internal' } })
    t.notMatch(JSON.stringify(failed.body), NICKNAME)
  })

  await t.test('a person is erased while the session runs', async (t) => {
    const { postgres, nats } = stack.urlsOf('session')
    const env = { PATH: process.env.PATH, DATABASE_URL: postgres, NATS_URL: nats }
    const { stdout } = await promisify(execFile)(process.execPath, [ERASE, '--user', USER], { env, timeout: 20_000 })
    t.match(stdout, /^1 session$/m)
    // Both edges answer on one port: often enough to have met either.
    await eventually(async () => {
      const seen = await Promise.all(Array.from({ length: 12 }, names))
      return seen.every((top) => !top.includes(NICKNAME) && top.length === 2)
    })
    const results = await http('GET', `/v1/sessions/${sessionId}/results`, { token: hostToken })
    const csv = await http('GET', `/v1/sessions/${sessionId}/results`, {
      token: hostToken,
      headers: { accept: 'text/csv' },
    })
    t.notMatch(JSON.stringify(results.body) + csv.body, new RegExp(NICKNAME, 'i'))
    t.match(results.body.players[0], { rank: 1, nickname: '', correctAnswers: 1 })
    t.match(await http('GET', `/v1/sessions/${sessionId}`, { token: her.token }), { status: 401 })
    await game.host.control(sessionId, 'end')
    await eventually(async () => (await podium.differences(sessionId)).length === 0, { what: 'a ledger that agrees' })
  })

  await t.test('nothing of it is in any log', async (t) => {
    const log = await readFile(join(stack.dir, 'logs/podium.log'), 'utf8')
    t.match(log, /edge\.1 \|/)
    t.match(log, /"msg":"(request|command) failed"/, 'the errors are there')
    for (const secret of [NICKNAME, USER, token.slice(0, 30), canary(0), canary(1)]) {
      t.notOk(log.toLowerCase().includes(secret.toLowerCase()), secret)
    }
    t.doesNotThrow(secrets.check)
  })
})
