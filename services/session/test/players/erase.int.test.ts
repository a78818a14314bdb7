import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { fromBinary } from '@bufbuild/protobuf'
import { DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream'
import t from 'tap'
import { LobbyUpdateSchema, PlayerTakeoverSchema } from '#gen/lobby_pb'
import { streams } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createDatabase } from '../../database.ts'
import { createPersonStore } from '../../players/erase-person.ts'
import { codeOf, createClient } from '../support/client.ts'
import { acceptAnswer, acknowledgeAnswers, score } from '../support/scoring.ts'
import { createWorld, startCopy, type World } from '../support/world.ts'

const PROGRAM = new URL('../../erase.ts', import.meta.url).pathname

const erase = async ({ databaseUrl, nats }: World, ...args: string[]) => {
  const env = { PATH: process.env.PATH, DATABASE_URL: databaseUrl, NATS_URL: nats.url }
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...args], { env, timeout: 20_000 })
  return stdout
}

/** Every place in Postgres and in the streams that holds this text. */
const placesOf = async ({ pool, nc }: World, text: string): Promise<string[]> => {
  const places: string[] = []
  const { rows } = await pool.query(`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`)
  const hex = Buffer.from(text).toString('hex')
  for (const { name } of rows) {
    const found = await pool.query(
      `SELECT 1 FROM "${name}" AS r WHERE strpos(lower(r::text), lower($1)) > 0 OR strpos(r::text, $2) > 0 LIMIT 1`,
      [text, hex],
    )
    if (found.rows.length > 0) places.push(name)
  }
  const manager = await jetstreamManager(nc)
  for (const stream of Object.values(streams)) {
    const { state } = await manager.streams.info(stream)
    if (state.messages === 0) continue
    const consumer = await jetstream(nc).consumers.get(stream, { deliver_policy: DeliverPolicy.All })
    for await (const { data } of await consumer.fetch({ max_messages: state.messages, expires: 1_000 })) {
      if (Buffer.from(data).toString('latin1').toLowerCase().includes(text.toLowerCase())) places.push(stream)
    }
  }
  return [...new Set(places)]
}

t.test('erasing a person', async (t) => {
  const world = await createWorld(t)
  await startCopy(t, world)
  const client = createClient(world)
  const over = await client.open(1)
  const live = await client.open(1)
  const nickname = 'Xanthippe'
  const first = await client.join(over.sessionId, 'user-canary', { nickname })
  await client.join(over.sessionId, 'bob')
  await client.control(over.sessionId, 'start')
  await eventually(async () => (await client.get(over.sessionId)).status === 'question_open')
  await acceptAnswer(world, over.sessionId, 0, first.playerId)
  await score(world, over.sessionId, 0, [{ playerId: first.playerId, points: 700 }])
  await client.control(over.sessionId, 'end')
  const second = await client.join(live.sessionId, 'user-canary', { nickname: 'xanthippe' })
  await client.join(live.sessionId, 'bob')
  const ledger = async () => (await world.pool.query('SELECT * FROM ledger ORDER BY join_order')).rows
  const totals = async () => (await world.pool.query('SELECT * FROM totals ORDER BY join_order')).rows
  const before = { ledger: await ledger(), totals: await totals() }
  const news: unknown[] = []
  world.nc.subscribe(subjects.lobby(live.sessionId), {
    callback: (_, { data }) => void news.push(fromBinary(LobbyUpdateSchema, data)),
  })
  world.nc.subscribe(subjects.takeover(live.sessionId), {
    callback: (_, { data }) => void news.push(fromBinary(PlayerTakeoverSchema, data)),
  })
  await world.nc.flush()

  await t.test('can be tried first', async (t) => {
    const told = await erase(world, '--user', 'user-canary', '--dry-run')
    t.match(
      told,
      `would erase nickname, user id and typed answers of player ${first.playerId} in session ${over.sessionId}`,
    )
    t.match(told, /^2 sessions$/m)
    t.same(await placesOf(world, nickname), ['players'], 'the one place of nicknames')
    t.same(await placesOf(world, 'user-canary'), ['players'])
  })

  await t.test('leaves no name and no link to the person, and everything that was played', async (t) => {
    const told = await erase(world, '--user', 'user-canary')
    t.match(
      told,
      `erased nickname, user id and typed answers of player ${second.playerId} in session ${live.sessionId}`,
    )
    t.notMatch(told, /xanthippe/i)
    t.same(await placesOf(world, nickname), [])
    t.same(await placesOf(world, 'user-canary'), [])
    t.same({ ledger: await ledger(), totals: await totals() }, before)
    const results = await client.results(over.sessionId)
    t.same(
      results.players.map(({ nickname, score }) => [nickname, score]),
      [
        ['', 700],
        ['bob', 0],
      ],
    )
    t.match(await client.roster(over.sessionId, [first.playerId]), { players: [{ nickname: '' }] })
  })

  await t.test('frees the seat of a running session, voids the tokens, and tells the edges', async (t) => {
    t.equal((await client.get(live.sessionId)).playerCount, 1)
    t.equal((await client.get(over.sessionId)).playerCount, 2, 'who has played to the end has played')
    await eventually(() => news.length >= 2)
    t.match(news.at(-2), { playerCount: 1, erasedPlayerIds: [second.playerId], joined: [], left: [] })
    t.match(news.at(-1), { playerId: second.playerId, generation: 2 })
  })

  await t.test('may be repeated, and the person may join again as a new player', async (t) => {
    t.match(await erase(world, '--user', 'user-canary'), /^0 sessions$/m)
    const again = await client.join(live.sessionId, 'user-canary', { nickname })
    t.not(again.playerId, second.playerId)
    t.equal(await codeOf(client.join(live.sessionId, 'eve', { nickname })), 'nickname-invalid')
  })

  await t.test('says what it does not touch, and what it needs', async (t) => {
    t.match(await erase(world, '--user', 'host'), /^kept: 2 quizzes and 2 sessions that this user hosts/m)
    await t.rejects(erase(world), { code: 2, stderr: /one of --user and --player is missing/ })
    t.match(await erase(world, '--help'), /^Usage: npm run -s erase/)
  })
})

t.test('erasing what was typed', async (t) => {
  const world = await createWorld(t)
  await startCopy(t, world)
  const client = createClient(world)
  const { sessionId } = await client.open([{ kind: 'fill_blank', prompt: 'Which bird?', correct: ['owl'] }])
  const [guest, other] = [await client.join(sessionId, 'ada'), await client.join(sessionId, 'bob')]
  await client.control(sessionId, 'start')
  await eventually(async () => (await client.get(sessionId)).status === 'question_open')
  await acceptAnswer(world, sessionId, 0, guest.playerId)
  await score(world, sessionId, 0, [
    { playerId: guest.playerId, text: 'Canary Street 7', correct: false },
    { playerId: other.playerId, text: 'Owl' },
  ])
  await acknowledgeAnswers(world)
  await client.control(sessionId, 'close')
  await eventually(async () => (await client.get(sessionId)).status === 'question_closed')
  await client.control(sessionId, 'end')
  await eventually(async () => (await client.get(sessionId)).status === 'finished')
  const tables = async (text: string) => (await placesOf(world, text)).filter((place) => place !== streams.feed)
  t.ok((await tables('canary street')).includes('sessions'), 'the last reveal')
  const answerId = async () =>
    (await world.pool.query(`SELECT encode(answer_id, 'hex') AS id FROM ledger WHERE answer = '=Canary Street 7'`))
      .rows[0].id
  const digest = createHash('sha256')
    .update(Buffer.from(await answerId(), 'hex'))
    .update('Canary Street 7')
    .digest('hex')

  await t.test('of one player, by the id of the player', async (t) => {
    t.match(
      await erase(world, '--player', guest.playerId),
      `typed answers of player ${guest.playerId} in session ${sessionId}`,
    )
    t.same(await tables('canary street'), [])
    const { rows } = await world.pool.query('SELECT answer FROM ledger ORDER BY join_order')
    t.same(rows, [{ answer: `~${digest}` }, { answer: '=Owl' }])
    const results = await client.results(sessionId)
    t.same(
      results.players.map(({ nickname, answers }) => [nickname, answers[0]?.text, answers[0]?.correct]),
      [
        ['', undefined, false],
        ['bob', 'Owl', true],
      ],
    )
    t.match(results.questions, [{ reveal: { answerCount: 2, textCounts: [{ text: 'owl', count: 1 }] } }])
    t.match(await erase(world, '--player', guest.playerId), /^1 session$/m, 'it may be repeated')
    await t.rejects(erase(world, '--player', 'guest'), { code: 2, stderr: /is no id of a player/ })
  })

  await t.test('of everyone, once the session has been over for long enough', async (t) => {
    const persons = createPersonStore(createDatabase(world.pool))
    await persons.eraseBefore(new Date(Date.now() - 60_000))
    t.not((await tables('=owl')).length, 0)
    await persons.eraseBefore(new Date())
    t.same(await tables('=owl'), [])
    const { rows } = await world.pool.query('SELECT user_id, nickname FROM players')
    t.same(rows, Array(2).fill({ user_id: null, nickname: '' }))
  })
})
