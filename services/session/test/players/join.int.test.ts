import { readFile } from 'node:fs/promises'
import { fromBinary } from '@bufbuild/protobuf'
import { createLocalJWKSet, jwtVerify } from 'jose'
import t from 'tap'
import { LobbyUpdateSchema, PlayerTakeoverSchema } from '#gen/lobby_pb'
import { subjects } from '#platform/contract/subjects'
import { PLAYER_AUDIENCE, PLAYER_ISSUER, PLAYER_TOKEN_ALGORITHM, PLAYER_TOKEN_TYPE } from '#platform/contract/tokens'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { codeOf, createClient } from '../support/client.ts'
import { scoresOf } from '../support/streams.ts'
import { createWorld, startCopy } from '../support/world.ts'

t.test('joining', async (t) => {
  const world = await createWorld(t)
  await startCopy(t, world)
  await startCopy(t, world)
  const client = createClient(world)

  await t.test('lets exactly as many in as there are seats, however many come at once to two copies', async (t) => {
    const { sessionId, joinCode } = await client.open(1, { maxParticipants: 50 })
    const codes = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        codeOf(client.join(i % 2 === 0 ? sessionId : joinCode.toLowerCase(), `u${i}`)),
      ),
    )
    t.equal(codes.filter((code) => code === 'accepted').length, 50)
    t.equal(codes.filter((code) => code === 'session-full').length, 150)
    const { rows } = await world.pool.query(
      'SELECT count(*) AS n, min(join_order) AS min, max(join_order) AS max FROM players WHERE session_id = $1',
      [sessionId],
    )
    t.same(rows[0], { n: 50, min: 1, max: 50 })
    t.equal((await client.get(sessionId)).playerCount, 50)
  })

  await t.test('puts every player on the board once', async (t) => {
    const { sessionId } = await client.open(1)
    const players = await Promise.all(Array.from({ length: 30 }, (_, i) => client.join(sessionId, `u${i}`)))
    const totals = await eventually(async () => {
      const all = (await scoresOf(world.nc, sessionId)).flatMap((batch) => batch.totals)
      return all.length >= 30 ? all : undefined
    })
    t.same(totals.map(({ playerId }) => playerId).toSorted(), players.map(({ playerId }) => playerId).toSorted())
    t.ok(totals.every(({ version, score, joinOrder }) => version === 0 && score === 0 && joinOrder > 0))
  })

  await t.test('a join that was taken back leaves nickname, seat and board as they were', async (t) => {
    const { sessionId } = await client.open(1, { access: 'guests', maxParticipants: 1 })
    const lost = await client.join(sessionId, undefined, { nickname: 'Maya' })
    await client.leave(lost.token, true)
    t.equal((await client.get(sessionId)).playerCount, 0)
    const again = await client.join(sessionId, undefined, { nickname: 'Maya' })
    t.match(again, { nickname: 'Maya' })
    t.not(again.playerId, lost.playerId)
    await client.leave(lost.token, true)
    t.equal((await client.get(sessionId)).playerCount, 1, 'a second time changes nothing')
    const totals = await eventually(async () => {
      const all = (await scoresOf(world.nc, sessionId)).flatMap((batch) => batch.totals)
      return all.length >= 3 ? all : undefined
    })
    t.match(totals.at(-2), { playerId: lost.playerId, removed: true })
  })

  await t.test('gives a token that says who the player is', async (t) => {
    const { sessionId } = await client.open(1)
    const { token, playerId, nickname } = await client.join(sessionId, 'ada', { name: 'Ada' })
    t.equal(nickname, 'Ada')
    const keys = createLocalJWKSet(JSON.parse(await readFile(world.issuer.files.playerJwks, 'utf8')))
    const { payload } = await jwtVerify(token, keys, {
      algorithms: [PLAYER_TOKEN_ALGORITHM],
      typ: PLAYER_TOKEN_TYPE,
      issuer: PLAYER_ISSUER,
      audience: PLAYER_AUDIENCE,
      requiredClaims: ['sub', 'exp', 'iat', 'jti'],
    })
    t.match(payload, { sub: playerId, sid: sessionId, ord: 1, gen: 1, name: 'Ada' })
  })

  await t.test('refuses a second time, and says how to resume', async (t) => {
    const { sessionId } = await client.open(1)
    const { playerId } = await client.join(sessionId, 'ada')
    const again = client.join(sessionId, 'ada')
    await t.rejects(again, { code: 'already-joined', message: /"resume": true/, extra: { playerId } })
    const twice = await Promise.all([codeOf(client.join(sessionId, 'bob')), codeOf(client.join(sessionId, 'bob'))])
    t.same(twice.toSorted(), ['accepted', 'already-joined'])
  })

  await t.test('resumes as the same player with a newer token, and tells the other device', async (t) => {
    const { sessionId } = await client.open(1)
    const takeovers: unknown[] = []
    world.nc.subscribe(subjects.takeover(sessionId), {
      callback: (_, message) => void takeovers.push(fromBinary(PlayerTakeoverSchema, message.data)),
    })
    const first = await client.join(sessionId, 'ada')
    const second = await client.join(sessionId, 'ada', { resume: true })
    t.equal(second.playerId, first.playerId)
    t.not(second.token, first.token)
    await eventually(() => takeovers.length === 1)
    t.match(takeovers, [{ playerId: first.playerId, generation: 2 }])
    const { playerCount, internal } = await client.get(sessionId)
    t.equal(playerCount, 1)
    t.match(internal.generations, [{ playerId: first.playerId, generation: 2 }], 'for edges that were not there')
    const new_ = await client.join(sessionId, 'bob', { resume: true })
    t.not(new_.playerId, first.playerId, 'who never joined simply joins')
  })

  await t.test('many are removed at once, for good', async (t) => {
    const { sessionId } = await client.open(1)
    const players = await Promise.all(Array.from({ length: 30 }, (_, i) => client.join(sessionId, `u${i}`)))
    const [stays, ...gone] = players.map(({ playerId }) => playerId)
    const unknown = '00000000-0000-7000-8000-000000000000'
    await client.remove(sessionId, ...gone, unknown, 'x')
    const { playerCount, internal } = await client.get(sessionId)
    t.equal(playerCount, 1)
    t.same(internal.removedPlayerIds.toSorted(), gone.toSorted())
    t.equal(internal.removedPlayerIds.includes(stays ?? ''), false)
    t.equal(await codeOf(client.join(sessionId, 'u1')), 'forbidden')
    t.equal(await codeOf(client.remove(sessionId, unknown, 'x')), 'not-found')
  })

  await t.test('lets a player who left come back, and a removed one never', async (t) => {
    const { sessionId } = await client.open(1, { maxParticipants: 2 })
    const ada = await client.join(sessionId, 'ada')
    await client.join(sessionId, 'bob')
    await client.leave(ada.token)
    await client.leave(ada.token)
    t.equal((await client.get(sessionId)).playerCount, 1, 'leaving twice frees one seat')
    const back = await client.join(sessionId, 'ada')
    t.equal(back.playerId, ada.playerId)
    t.equal((await client.get(sessionId)).playerCount, 2)
    await client.remove(sessionId, ada.playerId)
    await client.remove(sessionId, ada.playerId)
    t.equal((await client.get(sessionId)).playerCount, 1)
    t.equal(await codeOf(client.join(sessionId, 'ada')), 'forbidden')
    t.equal(await codeOf(client.join(sessionId, 'ada', { resume: true })), 'forbidden')
    t.equal(await codeOf(client.join(sessionId, 'cleo')), 'accepted', 'the seat is free')
    t.same((await client.get(sessionId)).internal.removedPlayerIds, [ada.playerId])
    await eventually(async () => {
      const totals = (await scoresOf(world.nc, sessionId)).flatMap((batch) => batch.totals)
      return totals.some(({ playerId, removed }) => removed && playerId === ada.playerId)
    })
  })

  await t.test('refuses what is not there, not open, or not allowed', async (t) => {
    const { sessionId } = await client.open(1)
    for (const unknown of [
      '',
      '*',
      'ZZZZZZ',
      sessionId.toUpperCase(),
      '0'.repeat(300),
      '00000000-0000-7000-8000-000000000000',
    ]) {
      t.equal(await codeOf(client.join(unknown, 'ada')), 'session-not-found', unknown)
    }
    t.equal(await codeOf(client.join(sessionId)), 'unauthorized', 'a guest')
    await client.control(sessionId, 'lock')
    t.equal(await codeOf(client.join(sessionId, 'ada')), 'session-locked')
    await client.control(sessionId, 'unlock')
    for (const nickname of ['', '\u202e', 'x'.repeat(25)]) {
      t.equal(await codeOf(client.join(sessionId, 'ada', { nickname })), 'nickname-invalid')
    }
    await client.join(sessionId, 'ada', { nickname: 'Ada' })
    await t.rejects(client.join(sessionId, 'bob', { nickname: 'ADA' }), {
      code: 'nickname-invalid',
      errors: [{ pointer: '/nickname', code: 'taken' }],
    })
    await client.control(sessionId, 'cancel')
    t.equal(await codeOf(client.join(sessionId, 'bob')), 'session-over')
  })

  await t.test('gives players of the same name different nicknames', async (t) => {
    const { sessionId } = await client.open(1, { access: 'guests' })
    const players = await Promise.all([
      ...Array.from({ length: 20 }, (_, i) => client.join(sessionId, `u${i}`, { name: 'Ada' })),
      ...Array.from({ length: 20 }, () => client.join(sessionId)),
    ])
    t.equal(new Set(players.map(({ nickname }) => nickname)).size, 40)
    const roster = await client.roster(
      sessionId,
      players.map(({ playerId }) => playerId),
    )
    t.equal(roster.players.length, 40)
  })

  await t.test('starts the session when enough players are there, once', async (t) => {
    const { sessionId } = await client.open(1, { autoStartPlayers: 3, startDelaySeconds: 30 })
    await client.join(sessionId, 'u1')
    await client.join(sessionId, 'u2')
    t.equal((await client.get(sessionId)).status, 'lobby')
    await Promise.all([client.join(sessionId, 'u3'), client.join(sessionId, 'u4')])
    t.match(await client.get(sessionId), { status: 'starting', epoch: 2 })
  })

  await t.test('tells the lobby a few times rather than every time', async (t) => {
    const { sessionId } = await client.open(1)
    const updates: { playerCount: number; joined: readonly object[] }[] = []
    world.nc.subscribe(subjects.lobby(sessionId), {
      callback: (_, message) => void updates.push(fromBinary(LobbyUpdateSchema, message.data)),
    })
    for (let i = 0; i < 60; i += 1) await client.join(sessionId, `u${i}`)
    await eventually(() => updates.flatMap(({ joined }) => joined).length === 60)
    t.equal(Math.max(...updates.map(({ playerCount }) => playerCount)), 60)
    t.ok(updates.length < 60, `${updates.length} updates for 60 players`)
  })
})
