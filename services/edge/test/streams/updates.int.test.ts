import { setTimeout as sleep } from 'node:timers/promises'
import { fromJson } from '@bufbuild/protobuf'
import { ValueSchema } from '@bufbuild/protobuf/wkt'
import t from 'tap'
import { createTestBoard } from '../support/board-player.ts'
import { startEdge } from '../support/edge.ts'
import { createTestSession, serve } from '../support/session.ts'

const answeredFirst = new Uint8Array([1])

t.test('what streams tell', async (t) => {
  const edge = await startEdge(t)

  const setUp = async (settings: { reveal?: string; showTypedAnswers?: string } = {}) => {
    const session = createTestSession(edge.bus)
    const board = createTestBoard(edge.bus, session.sessionId)
    await session.publish({ case: 'sessionCreated', value: {} }, { settings } as never)
    const ada = await edge.player(session.sessionId, 'Ada')
    const bob = await edge.player(session.sessionId, 'Bob', { ord: 2 })
    board.set({ playerId: ada.playerId }, { playerId: bob.playerId })
    const adas = await edge.ws(session.sessionId, ada.token)
    const bobs = await edge.sse(session.sessionId, bob.token)
    await adas.next('session.snapshot')
    await bobs.next('session.snapshot')
    const score = (playerId: string, points: number) =>
      board.earned({
        playerId,
        questionId: session.questionIds[0] ?? '',
        answerId: 'a',
        points,
        correct: points > 0,
        score: points,
        streak: 1,
      })
    return { session, board, ada, bob, adas, bobs, score }
  }

  await t.test('a player alone learns at once what the own answer earned', async (t) => {
    const { session, ada, adas, bobs, bob, score } = await setUp()
    await session.open(0)
    score(ada.playerId, 800)
    const update = await adas.next('score.updated')
    t.equal(update.id, undefined)
    t.same(update.data, {
      questionId: session.questionIds[0],
      answerId: 'a',
      correct: true,
      points: 800,
      score: 800,
      streak: 1,
    })
    score(bob.playerId, 0)
    t.match(await bobs.next('score.updated'), { data: { correct: false, points: 0 } })
    t.equal(bobs.of('score.updated').length, 1)
  })

  await t.test(
    'media of the next question come before it, live and to a client that connects in between',
    async (t) => {
      const { session, adas, bobs } = await setUp()
      const media = { kind: 'audio', url: 'https://media.example.org/1.mp3', durationMs: 8_000 }
      const upcoming = {
        index: 0,
        media,
        optionMedia: [{ kind: 'image', url: 'https://media.example.org/a.png', alt: 'A' }],
      }
      await session.publish(
        { case: 'sessionStarting', value: { startsAtMs: Date.now() } },
        { status: 'starting', upcoming },
      )
      for (const stream of [adas, bobs]) {
        const { id, data } = await stream.next('question.upcoming')
        t.same([id, data], [undefined, upcoming])
      }
      const { token } = await edge.player(session.sessionId, 'Cleo', { ord: 3 })
      const cleos = await edge.ws(session.sessionId, token)
      t.same((await cleos.next('question.upcoming')).data, upcoming)
      await session.publish({ case: 'questionClosed', value: {} }, { status: 'question_closed', upcoming: undefined })
      await session.publish({ case: 'sessionLocked', value: {} })
      await adas.next('session.locked')
      t.equal(adas.of('question.upcoming').length, 1, 'none of a question without media')
    },
  )

  await t.test('with reveal on_close nothing tells a result before the question closes', async (t) => {
    const { session, board, ada, bob, adas, bobs, score } = await setUp({ reveal: 'on_close' })
    await session.open(0)
    score(ada.playerId, 800)
    board.set({ playerId: ada.playerId, score: 800, correctAnswers: 1, answered: answeredFirst })
    // A player joins meanwhile: that does show, with the scores of before.
    const cleo = await edge.player(session.sessionId, 'Cleo', { ord: 3 })
    const cleos = await edge.ws(session.sessionId, cleo.token)
    board.set({ playerId: cleo.playerId })
    const shown = await bobs.next('leaderboard.updated', ({ data }) => data.playerCount === 3)
    t.same(
      shown.data.top.map(({ score }: { score: number }) => score),
      [0, 0, 0],
    )
    t.match((await cleos.next('session.snapshot')).data.leaderboard.top[0], { score: 0 })
    const again = await edge.sse(session.sessionId, ada.token)
    t.match((await again.next('session.snapshot')).data.me, {
      score: 0,
      rank: 1,
      answered: [session.questionIds[0]],
    })
    const { body } = await edge.get(`/v1/sessions/${session.sessionId}/leaderboard`, bob.token)
    t.match(body, { top: [{ score: 0 }, { score: 0 }, { score: 0 }] })
    for (const stream of [adas, bobs, cleos, again]) {
      t.notMatch(stream.raw(), /"score":800|score\.updated/)
    }

    await session.close()
    for (const stream of [adas, again]) {
      await stream.next('score.updated')
      t.ok(stream.types().indexOf('question.closed') < stream.types().indexOf('score.updated'))
      t.match(await stream.next('leaderboard.updated', ({ data }) => data.top[0].score === 800), {
        data: { me: { rank: 1, score: 800 } },
      })
    }
  })

  await t.test(
    'every client receives the count of answers, also with reveal on_close and without a board',
    async (t) => {
      const { session, board, ada, bob, adas, bobs } = await setUp({ reveal: 'on_close' })
      const { sessionId } = session
      const streams = [
        adas,
        bobs,
        await edge.ws(sessionId, bob.token, '?board=none'),
        await edge.sse(sessionId, await edge.hostToken()),
        await edge.ws(sessionId, await edge.displayToken(sessionId)),
      ]
      for (const stream of streams) await stream.next('session.snapshot')
      await session.open(0)
      for (const stream of streams) await stream.next('question.opened')
      board.set({ playerId: ada.playerId, score: 800, correctAnswers: 1, answered: answeredFirst })
      for (const stream of streams) {
        const { id, data } = await stream.next('answers.progress')
        t.equal(id, undefined)
        t.same(data, { questionId: session.questionIds[0], answered: 1, players: 2 })
      }
      const late = await edge.ws(sessionId, await edge.displayToken(sessionId))
      t.match(await late.next('answers.progress'), { data: { answered: 1 } })
      await session.close()
      for (const stream of streams) await stream.next('question.closed')
      board.set({ playerId: bob.playerId, answered: answeredFirst })
      await session.open(1)
      for (const stream of streams) {
        await stream.next('question.opened', ({ data }) => data.index === 1)
        t.equal(stream.of('answers.progress').length, 1, 'nothing between two questions')
      }
    },
  )

  await t.test('with reveal on_close an edge that comes in mid-question shows no board until it closes', async (t) => {
    const session = createTestSession(edge.bus)
    const board = createTestBoard(edge.bus, session.sessionId)
    await session.publish({ case: 'sessionCreated', value: {} }, { settings: { reveal: 'on_close' } } as never)
    const ada = await edge.player(session.sessionId, 'Ada')
    await session.open(0)
    board.set({ playerId: ada.playerId, score: 800, answered: answeredFirst })
    const stream = await edge.ws(session.sessionId, ada.token)
    const { data } = await stream.next('session.snapshot')
    t.match(data, { leaderboard: { version: 0, top: [] }, me: { answered: [session.questionIds[0]] } })
    t.notOk('score' in data.me)
    await session.close()
    await stream.next('leaderboard.updated', ({ data }) => data.top[0].score === 800)
  })

  await t.test('typed answers reach the host, and players only by the setting and the word filter', async (t) => {
    for (const [showTypedAnswers, seen] of [
      ['host', []],
      ['everyone', ['was']],
    ] as const) {
      const { session, ada, adas, bobs } = await setUp({ showTypedAnswers })
      const host = await edge.sse(session.sessionId, await edge.hostToken())
      const opened = await session.open(0, { kind: 'fill_blank' })
      const reveal = {
        questionId: session.questionIds[0] ?? '',
        kind: 'fill_blank',
        textCounts: [
          { text: 'was', count: 2 },
          { text: 'something rude', count: 1, isFiltered: true },
        ],
      }
      const closed = { status: 'question_closed', question: undefined, reveal }
      await session.publish({ case: 'questionClosed', value: {} }, closed, { admitsAnswers: false })
      const path = `/v1/sessions/${session.sessionId}`
      const hostToken = await edge.hostToken()
      const distributions = async (token: string, live: typeof host) => {
        const replayed = await edge.sse(session.sessionId, token, { 'last-event-id': String(opened) })
        const late = await edge.sse(session.sessionId, token)
        return [
          (await live.next('question.closed')).data,
          (await replayed.next('question.closed')).data,
          (await late.next('session.snapshot')).data.reveal,
          ((await edge.get(path, token)).body as { reveal: object }).reveal,
        ].map(({ distribution }) => distribution.map(({ text }: { text: string }) => text))
      }
      t.same(await distributions(hostToken, host), Array(4).fill(['was', 'something rude']))
      t.same(await distributions(ada.token, adas), Array(4).fill(seen))
      await bobs.next('question.closed')
      for (const stream of [adas, bobs]) t.notMatch(stream.raw(), /rude/)
    }
  })

  await t.test('a client chooses how it gets the board', async (t) => {
    const { session, board, ada, bob } = await setUp()
    const streams = {
      sse: await edge.sse(session.sessionId, ada.token, {}, '?board=changes&boardIntervalMs=100'),
      ws: await edge.ws(session.sessionId, bob.token, '?board=changes'),
      none: await edge.ws(session.sessionId, ada.token, '?board=none'),
    }
    for (const stream of Object.values(streams)) await stream.next('session.snapshot')
    board.set({ playerId: bob.playerId, score: 700, correctAnswers: 1 })
    for (const stream of [streams.sse, streams.ws]) {
      const { data } = await stream.next('leaderboard.changed')
      t.match(data, {
        playerCount: 2,
        order: [bob.playerId, ada.playerId],
        me: { score: stream === streams.ws ? 700 : 0 },
      })
      t.same(
        data.changed.map(({ playerId, rank, score }: Record<string, unknown>) => [playerId, rank, score]),
        [
          [bob.playerId, 1, 700],
          [ada.playerId, 2, 0],
        ],
      )
    }
    await session.publish({ case: 'sessionLocked', value: {} })
    await streams.none.next('session.locked')
    for (const stream of Object.values(streams)) t.notOk(stream.types().includes('leaderboard.updated'))
    t.notOk(streams.none.types().includes('leaderboard.changed'))
    const path = `/v1/sessions/${session.sessionId}/events`
    for (const query of ['board=some', 'boardIntervalMs=99', 'boardIntervalMs=5001', 'boardIntervalMs=x']) {
      t.match(await edge.get(`${path}?${query}`, ada.token), { status: 400, body: { code: 'malformed' } }, query)
      await t.rejects(edge.ws(session.sessionId, ada.token, `?${query}`))
    }
  })

  await t.test('joins are sent in at most four messages a second, with the exact count', async (t) => {
    const { session, board, adas } = await setUp()
    const began = performance.now()
    for (let count = 1; count <= 60; count++) {
      board.lobby({ playerCount: count, joined: [{ playerId: session.sessionId, nickname: `P${count}` }] })
      await sleep(10)
    }
    const last = await adas.next('lobby.updated', ({ data }) => data.playerCount === 60)
    const updates = adas.of('lobby.updated')
    t.ok(updates.length <= 2 + (performance.now() - began) / 250, `${updates.length} messages`)
    t.equal(last.id, undefined)
    const joined = updates.flatMap(({ data }) => data.joined)
    t.same(
      joined,
      Array.from({ length: 60 }, (_, index) => `P${index + 1}`),
    )
    const { body } = await edge.get(`/v1/sessions/${session.sessionId}`, await edge.hostToken())
    t.equal(body.playerCount, 60)
  })

  await t.test('a removed player gets the reason and is closed for good, and no other is', async (t) => {
    const { session, ada, bob, adas, bobs } = await setUp()
    const adasPhone = await edge.sse(session.sessionId, ada.token)
    await adasPhone.next('session.snapshot')
    await session.publish(
      { case: 'playerRemoved', value: { playerIds: [ada.playerId] } },
      {},
      { removedPlayerIds: [ada.playerId] },
    )
    for (const stream of [adas, adasPhone]) {
      t.match(await stream.next('player.removed'), { data: { at: Number } })
      t.equal(stream.types().at(-1), 'player.removed')
    }
    t.equal((await adas.closed).code, 4503)
    t.same(await adasPhone.closed, { code: 0, reason: 'end' })
    await session.publish({ case: 'sessionLocked', value: {} })
    await bobs.next('session.locked')
    t.notMatch(bobs.raw(), /player\.removed/)
    const path = `/v1/sessions/${session.sessionId}/events`
    t.match(await edge.get(path, ada.token), { status: 401 })
    t.match(await edge.get(`/v1/sessions/${session.sessionId}`, bob.token), { status: 200 })
  })

  await t.test('a player who resumes elsewhere replaces the connections with the older token only', async (t) => {
    const { session, board, ada, adas, bobs } = await setUp()
    const newer = await edge.playerToken({ sub: ada.playerId, sid: session.sessionId, gen: 2 })
    const phone = await edge.ws(session.sessionId, newer)
    await phone.next('session.snapshot')
    board.takeover(ada.playerId, 2)
    await adas.next('player.replaced')
    t.equal((await adas.closed).code, 4505)
    await session.publish({ case: 'sessionLocked', value: {} })
    for (const stream of [phone, bobs]) await stream.next('session.locked')
    const back = await edge.ws(session.sessionId, ada.token)
    t.equal((await back.closed).code, 4505, 'the older token does not get in again')
    t.same(back.types(), ['player.replaced'])
    const path = `/v1/sessions/${session.sessionId}/events`
    t.match(await edge.get(path, ada.token), { status: 401, body: { code: 'unauthorized' } }, 'over SSE it is refused')
  })

  await t.test('one stream too many of a player closes the oldest', async (t) => {
    const { session, ada, adas } = await setUp()
    for (let count = 0; count < 4; count++) await (await edge.ws(session.sessionId, ada.token)).next('session.snapshot')
    t.equal((await adas.closed).code, 4505)
  })

  await t.test('a stream ends with its token', async (t) => {
    const { session } = await setUp()
    const host = await edge.issuer.token({ sub: 'host', roles: ['host'], ttlSeconds: 2 })
    const stream = await edge.ws(session.sessionId, host)
    await stream.next('session.snapshot')
    t.equal((await stream.closed).code, 4501)
  })

  await t.test('the podium waits until the board holds every answer that the reveal counted', async (t) => {
    const { session, board, ada, bob, adas, bobs } = await setUp()
    await session.open(0)
    const questionId = session.questionIds[0] ?? ''
    const reveal = { questionId, index: 0, kind: 'single_choice', correct: fromJson(ValueSchema, 0), answerCount: 2 }
    const closed = { status: 'question_closed', question: undefined, reveal }
    await session.publish({ case: 'questionClosed', value: {} }, closed, { admitsAnswers: false })
    const position = await session.publish({ case: 'sessionFinished', value: {} }, { status: 'finished' })
    board.set({ playerId: ada.playerId, score: 500, answered: answeredFirst })
    await adas.next('leaderboard.updated', ({ data }) => data.top[0].score === 500)
    t.notOk(adas.types().includes('session.finished'))
    const late = edge.ws(session.sessionId, await edge.hostToken())
    board.set({ playerId: bob.playerId, score: 900, answered: answeredFirst })
    for (const [stream, rank, score] of [
      [adas, 2, 500],
      [bobs, 1, 900],
    ] as const) {
      const finished = await stream.next('session.finished')
      t.equal(finished.id, String(position))
      t.match(finished.data, {
        playerCount: 2,
        top: [
          { nickname: 'Bob', score: 900 },
          { nickname: 'Ada', score: 500 },
        ],
        me: { rank, score },
      })
    }
    const snapshot = await (await late).next('session.snapshot')
    t.match(snapshot, { id: String(position), data: { leaderboard: { top: [{ score: 900 }, { score: 500 }] } } })
  })
})

t.test('an edge that stops tells its clients to come back', async (t) => {
  const edge = await startEdge(t)
  const session = createTestSession(edge.bus)
  createTestBoard(edge.bus, session.sessionId)
  await session.publish({ case: 'sessionCreated', value: {} })
  const token = await edge.hostToken()
  const ws = await edge.ws(session.sessionId, token)
  const sse = await edge.sse(session.sessionId, token)
  for (const stream of [ws, sse]) await stream.next('session.snapshot')
  // Answers that came in time are answered first.
  const [questionId = ''] = session.questionIds
  await session.open(0)
  await ws.next('question.opened')
  serve(edge.bus, 'session-question-ids', () => ({ case: 'questionIds', value: { questionIds: [questionId] } }))
  const ada = await edge.player(session.sessionId, 'Ada')
  const adas = await edge.ws(session.sessionId, ada.token)
  await adas.next('session.snapshot')
  adas.send({ type: 'answer', ref: 1, data: { answerId: 'a', questionId, choice: 1 } })
  await adas.next('answer.accepted')
  adas.send({ type: 'answer', ref: 2, data: { answerId: 'a', questionId, choice: 1 } })
  adas.send({ type: 'time', ref: 3 })
  await adas.next('time')
  await edge.streams.close()
  t.ok(await adas.next('answer.accepted', ({ ref }) => ref === 2))
  t.equal((await adas.closed).code, 4412)
  const { code, reason } = await ws.closed
  t.equal(code, 4412)
  t.match(JSON.parse(reason), { retryAfterMs: Number })
  t.same(await sse.closed, { code: 0, reason: 'end' })
  t.match(await edge.get(`/v1/sessions/${session.sessionId}/events`, token), { status: 503 })
  t.equal(edge.streams.stats().streams, 0)
})
