import { readFile } from 'node:fs/promises'
import { create, fromBinary, toBinary, toJson } from '@bufbuild/protobuf'
import { ValueSchema } from '@bufbuild/protobuf/wkt'
import t from 'tap'
import {
  CommandReplySchema,
  ControlRequestSchema,
  ControlResultSchema,
  CreateDisplayRequestSchema,
  CreateQuizRequestSchema,
  CreateSessionRequestSchema,
  ImportQuizRequestSchema,
  JoinRequestSchema,
  LeaveRequestSchema,
  RemovePlayerRequestSchema,
  ReplaceQuizRequestSchema,
  ResultsRequestSchema,
} from '#gen/command_pb'
import { FeedMessageSchema } from '#gen/feed_pb'
import { subjects } from '#platform/contract/subjects'
import { newId } from '#platform/ids'
import { eventually } from '../../../platform/test/support/eventually.ts'
import { createHttp } from '../../../platform/test/support/http.ts'
import { createTestBoard } from '../support/board-player.ts'
import { startEdge } from '../support/edge.ts'
import { createTestSession, serve } from '../support/session.ts'

t.test('routes', async (t) => {
  const edge = await startEdge(t)
  const http = createHttp(edge.url)
  const { nats } = edge
  const token = await edge.issuer.token({ sub: 'u-1', name: 'Ada', roles: ['host'] })
  const newest = <T>(calls: readonly T[]): T => {
    const call = calls.at(-1)
    if (call === undefined) throw new Error('no call')
    return call
  }

  await t.test('a quiz goes to the session service as it came, and comes back with its keys', async (t) => {
    const quizId = newId()
    const made = serve(nats, 'quiz-create', () => ({ case: 'createQuiz', value: { quizId } }))
    const questions = [
      {
        kind: 'single_choice',
        prompt: 'Which?',
        options: ['a', 'b'],
        correct: 1,
        points: 0,
        timeLimitSeconds: 7,
        difficulty: 'hard',
      },
      { kind: 'multiple_choice', prompt: 'Which?', options: ['a', 'b'], correct: [0, 1], explanation: 'Both.' },
      { kind: 'true_false', prompt: 'Right?', correct: false, mediaUrl: 'https://x.example/a.png' },
      { kind: 'fill_blank', prompt: 'I ___', correct: ['went', 'goed'] },
    ]
    const created = await http('POST', '/v1/quizzes', { token, body: { title: 'Ünit 1', questions } })
    t.match(created, { status: 201, body: { quizId } })
    t.equal(created.headers.get('location'), `/v1/quizzes/${quizId}`)
    const request = fromBinary(CreateQuizRequestSchema, newest(made.calls))
    t.match(request, { title: 'Ünit 1' })
    t.same(made.tokens, [token], 'with the token of the host')
    const corrects = request.questions.map(({ correct }) => correct && toJson(ValueSchema, correct))
    t.same(
      corrects,
      questions.map(({ correct }) => correct),
    )
    t.match(request.questions[0], { points: 0, timeLimitSeconds: 7, difficulty: 'hard' })

    const stored = request.questions.map((question) => ({ ...question, questionId: newId() }))
    const got = serve(nats, 'quiz-get', () => ({
      case: 'quiz',
      value: { quizId, title: 'Ünit 1', questions: stored, createdAtMs: 17, updatedAtMs: 18, revision: 3 },
    }))
    const read = await http('GET', `/v1/quizzes/${quizId}`, { token })
    t.equal(read.status, 200)
    t.equal(read.headers.get('etag'), '"3"')
    t.same(read.body, {
      quizId,
      title: 'Ünit 1',
      tags: [],
      createdAt: 17,
      updatedAt: 18,
      questions: questions.map((question, index) => ({ questionId: stored[index]?.questionId, ...question })),
    })
    t.match(await http('GET', '/v1/quizzes/nonsense', { token }), { status: 404, body: { code: 'not-found' } })
    t.equal(got.calls.length, 1, 'an id that cannot be one is not asked for')
    made.stop()
    got.stop()
  })

  await t.test(
    'what is shown with options goes apart from their texts, and what GET answered can be put back',
    async (t) => {
      const quizId = newId()
      const media = { kind: 'audio', url: 'https://x.example/a.mp3', alt: 'Hello', durationMs: 1_200 }
      const question = {
        questionId: newId(),
        kind: 'single_choice',
        prompt: 'Who speaks?',
        options: ['Ada', { text: 'Bob', media }],
        correct: 0,
        tags: ['a'],
        language: 'en',
        media,
        mediaUrl: media.url,
      }
      const quiz = {
        quizId,
        title: 'Voices',
        language: 'en',
        tags: ['b'],
        createdAt: 1,
        updatedAt: 2,
        questions: [question],
      }
      const put = serve(nats, 'quiz-replace', (data) => {
        const { questions, title, tags, language = '' } = fromBinary(ReplaceQuizRequestSchema, data)
        const stored = questions.map((each) => ({ ...each, questionId: question.questionId, mediaUrl: media.url }))
        const value = { quizId, title, tags, language, questions: stored, createdAtMs: 1, updatedAtMs: 2, revision: 8 }
        return { case: 'quiz', value }
      })
      const body = quiz
      const changed = await http('PUT', `/v1/quizzes/${quizId}`, { token, body, headers: { 'if-match': 'W/"6", "7"' } })
      t.equal(changed.status, 200)
      t.same(changed.body, quiz)
      t.equal(changed.headers.get('etag'), '"8"')
      const sent = fromBinary(ReplaceQuizRequestSchema, newest(put.calls))
      t.match(sent, { quizId, revisions: [0, 7], anyRevision: false })
      t.match(sent.questions[0], { options: ['Ada', 'Bob'], optionMedia: { 1: media } })
      await http('PUT', `/v1/quizzes/${quizId}`, { token, body })
      t.match(fromBinary(ReplaceQuizRequestSchema, newest(put.calls)), { revisions: [], anyRevision: false })
      await http('PUT', `/v1/quizzes/${quizId}`, { token, body, headers: { 'if-match': '*' } })
      t.match(fromBinary(ReplaceQuizRequestSchema, newest(put.calls)), { revisions: [], anyRevision: true })
      put.stop()
    },
  )

  await t.test('an export is a file with a name', async (t) => {
    const quizId = newId()
    const files = serve(nats, 'quiz-export', () => ({ case: 'quizExport', value: { title: 'x', content: '// x' } }))
    const url = `${edge.url}/v1/quizzes/${quizId}/export`
    const headers = { authorization: `Bearer ${token}` }
    const gift = await fetch(`${url}?format=gift`, { headers })
    t.equal(await gift.text(), '// x')
    t.equal(gift.headers.get('content-type'), 'text/plain; charset=utf-8')
    t.equal(gift.headers.get('content-disposition'), `attachment; filename="quiz-${quizId}.gift"`)
    t.equal((await fetch(`${url}?format=exe`, { headers })).status, 400)
    files.stop()
  })

  await t.test('an import is unavailable while no service does imports', async (t) => {
    const body = { format: 'csv', title: 'x', content: 'a,b' }
    t.match(await http('POST', '/v1/quizzes/import', { token, body }), { status: 503, body: { code: 'unavailable' } })
    const importer = serve(nats, 'quiz-import', () => ({
      case: 'importQuiz',
      value: { quizId: 'q', imported: 2, skipped: [{ index: 1, reason: 'no-key' }] },
    }))
    const content = 'x'.repeat(1_000_000)
    const done = await http('POST', '/v1/quizzes/import', { token, body: { ...body, content } })
    t.match(done, { status: 201, body: { quizId: 'q', imported: 2, skipped: [{ index: 1, reason: 'no-key' }] } })
    t.equal(done.headers.get('location'), '/v1/quizzes/q')
    t.equal(fromBinary(ImportQuizRequestSchema, newest(importer.calls)).content, content)
    const both = await http('POST', '/v1/quizzes/import', { token, body: { ...body, provider: 'opentdb', amount: 5 } })
    t.match(both, { status: 400, body: { code: 'malformed' } })

    const bytes = Buffer.from([0x50, 0x4b, 0x03, 0x04, 0xff, 0xfe])
    const workbook = await fetch(`${edge.url}/v1/quizzes/import?title=%C3%9Cnit%201`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      },
      body: bytes,
    })
    t.equal(workbook.status, 201, 'a workbook is a body of its own')
    const request = fromBinary(ImportQuizRequestSchema, newest(importer.calls))
    t.match(request, { format: 'xlsx', title: 'Ünit 1', content: bytes.toString('base64') })
    importer.stop()
  })

  await t.test('a session is created with the settings that were given', async (t) => {
    const sessionId = newId()
    const made = serve(nats, 'session-create', () => ({
      case: 'createSession',
      value: {
        sessionId,
        joinCode: 'ABCDEF',
        status: 'lobby',
        settings: { timeLimitSeconds: 20, autoStartPlayers: 0 },
      },
    }))
    const settings = { autoStartPlayers: null, revealSeconds: 0.5, streakBonus: true, access: 'guests' }
    const { status, headers, body } = await http('POST', '/v1/sessions', { token, body: { quizId: newId(), settings } })
    t.match({ status, location: headers.get('location') }, { status: 201, location: `/v1/sessions/${sessionId}` })
    t.match(body, {
      sessionId,
      joinCode: 'ABCDEF',
      status: 'lobby',
      settings: { timeLimitSeconds: 20, autoStartPlayers: null },
    })
    const request = fromBinary(CreateSessionRequestSchema, newest(made.calls))
    t.match(request, { settings: { revealSeconds: 0.5, streakBonus: true, access: 'guests' } })
    t.equal(request.settings?.autoStartPlayers, undefined)
    const unknown = await http('POST', '/v1/sessions', { token, body: { quizId: 'x', settings: { speed: 1 } } })
    t.match(unknown, { status: 400, body: { errors: [{ pointer: '/settings/speed', code: 'additionalProperties' }] } })
    made.stop()
  })

  await t.test('joining, as a user and as a guest, with a body and without', async (t) => {
    const joined = { sessionId: newId(), playerId: newId(), token: 't', nickname: 'Ada' }
    const door = serve(nats, 'session-join', () => ({ case: 'join', value: joined }))
    t.same((await http('POST', '/v1/sessions/abc234/join', { token })).body, joined)
    t.match(fromBinary(JoinRequestSchema, newest(door.calls)), {
      session: 'abc234',
      nickname: undefined,
      resume: false,
    })
    await http('POST', `/v1/sessions/${joined.sessionId}/join`, { body: { nickname: 'Bo', resume: true } })
    t.match(fromBinary(JoinRequestSchema, newest(door.calls)), {
      session: joined.sessionId,
      nickname: 'Bo',
      resume: true,
    })
    const typed = { headers: { 'content-type': 'application/json' } }
    t.match(await http('POST', '/v1/sessions/ABC234/join', typed), { status: 200 }, 'a guest without a body')
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', '']) {
      for (const body of ['{}', '']) {
        const request = { body, headers: { 'content-type': type } }
        const refused = await http('POST', '/v1/sessions/ABC234/join', request)
        t.match(refused, { status: 415, body: { code: 'unsupported-media-type' } }, `a page may send "${type}" unasked`)
      }
    }
    const plain = { token, body: '{}', headers: { 'content-type': 'text/plain' } }
    t.match(await http('POST', '/v1/sessions/ABC234/join', plain), { status: 415 })
    t.equal(door.calls.length, 3)
    for (const path of [
      '/v1/sessions//join',
      '/v1/sessions/join',
      '/v1/sessions/%2a/join',
      '/v1/sessions/ABC10O/join',
    ]) {
      t.match(await http('POST', path, { token }), { status: 400, body: { code: 'session-not-found' } }, path)
    }
    const player = await edge.playerToken({ sub: newId(), sid: joined.sessionId })
    const headers = { 'idempotency-key': 'again' }
    const resumed = await http('POST', '/v1/sessions/ABC234/join', { token: player, headers, body: { resume: true } })
    t.equal(resumed.status, 200, 'a player token resumes its player')
    const request = fromBinary(JoinRequestSchema, newest(door.calls))
    t.match(request, { resume: true, idempotencyKey: 'again' })
    t.equal(door.tokens.at(-1), player)
    const unnamed = await http('POST', '/v1/sessions/ABC234/join', { token, headers: { 'idempotency-key': 'a b' } })
    t.match(unnamed, { status: 400, body: { code: 'malformed' } })
    t.match(await http('POST', '/v1/sessions/ABC234/join', { token: 'bad' }), { status: 401 }, 'no guest by mistake')
    const basic = { headers: { authorization: 'Basic YTpi' } }
    t.match(await http('POST', '/v1/sessions/ABC234/join', basic), { status: 401 })
    t.equal(door.calls.length, 4)
    door.stop()
  })

  await t.test('the state that is read right after the reply to a join counts the player', async (t) => {
    const session = createTestSession(nats, 'u-1')
    await session.publish({ case: 'sessionCreated', value: {} })
    const read = async () => (await http('GET', `/v1/sessions/${session.sessionId}`, { token })).body.playerCount
    t.equal(await read(), 0)
    const { sessionId } = session
    let [playerCount, countedAtMs] = [1, 20]
    const door = serve(nats, 'session-join', () => ({
      case: 'join',
      value: { sessionId, playerId: newId(), token: 't', nickname: 'Maya', playerCount: { playerCount, countedAtMs } },
    }))
    t.same(Object.keys((await http('POST', `/v1/sessions/${sessionId}/join`, { body: {} })).body).sort(), [
      'nickname',
      'playerId',
      'sessionId',
      'token',
    ])
    t.equal(await read(), 1, 'though no lobby update came')
    ;[playerCount, countedAtMs] = [9, 10]
    await http('POST', `/v1/sessions/${sessionId}/join`, { body: {} })
    t.equal(await read(), 1, 'a reply that was overtaken takes nothing back')
    door.stop()
  })

  await t.test('a refusal comes through with all its members', async (t) => {
    const door = serve(nats, 'session-join', () => ({
      case: 'problem',
      value: { code: 'already-joined', detail: 'Joined.', extra: { playerId: 'p', resume: 'so' } },
    }))
    const refused = await http('POST', '/v1/sessions/ABC234/join', { token })
    t.match(refused, { status: 409, body: { code: 'already-joined', detail: 'Joined.', playerId: 'p', resume: 'so' } })
    door.stop()
  })

  await t.test(
    'a join of a guest who is gone before the reply is taken back, unless it can be repeated by its key',
    async (t) => {
      const joined = { sessionId: newId(), playerId: newId(), token: 't', nickname: 'Maya' }
      const left = serve(nats, 'session-leave', () => ({ case: 'playerCount', value: {} }))
      const goneBeforeTheReply = async (key?: string): Promise<void> => {
        const gone = new AbortController()
        const subscription = nats.subscribe(subjects.command('session-join'), {
          callback: (_, message) => {
            gone.abort()
            // A slow service: the edge hears of the closed connection first.
            const reply = toBinary(
              CommandReplySchema,
              create(CommandReplySchema, { reply: { case: 'join', value: joined } }),
            )
            setTimeout(() => message.respond(reply), 200)
          },
        })
        const headers = { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) }
        const path = `${edge.url}/v1/sessions/ABC234/join`
        await t.rejects(fetch(path, { method: 'POST', headers, body: '{"nickname":"Maya"}', signal: gone.signal }))
        subscription.unsubscribe()
      }
      await goneBeforeTheReply('again')
      await goneBeforeTheReply()
      await eventually(() => left.calls.length > 0)
      t.same(
        left.calls.map((call) => fromBinary(LeaveRequestSchema, call)),
        [create(LeaveRequestSchema, { isWithdrawn: true })],
      )
      t.same(left.tokens, [joined.token])
      left.stop()
    },
  )

  await t.test('commands of the host', async (t) => {
    const session = createTestSession(nats, 'u-1')
    let isRefused = false
    const control = serve(nats, 'session-control', () => ({
      case: 'control',
      value: create(ControlResultSchema, {
        session: create(FeedMessageSchema, session.message({ case: 'sessionLocked', value: {} })),
        refused: isRefused,
      }),
    }))
    for (const command of ['start', 'next', 'close', 'pause', 'resume', 'lock', 'unlock', 'end', 'cancel']) {
      const { status, body } = await http('POST', `/v1/sessions/${session.sessionId}/${command}`, { token })
      t.match(
        { status, id: body.sessionId, state: body.status },
        { status: 200, id: session.sessionId, state: 'lobby' },
      )
      t.match(fromBinary(ControlRequestSchema, newest(control.calls)), { sessionId: session.sessionId, command })
    }
    const path = `/v1/sessions/${session.sessionId}/next`
    t.equal(fromBinary(ControlRequestSchema, newest(control.calls)).epoch, undefined)
    t.match(await http('POST', path, { token, body: { epoch: 7 } }), { status: 200 })
    t.equal(fromBinary(ControlRequestSchema, newest(control.calls)).epoch, 7, 'the state it was decided on')
    const sent = control.calls.length
    t.match(await http('POST', path, { token, body: { epoch: -1 } }), {
      status: 400,
      body: { errors: [{ pointer: '/epoch', code: 'minimum' }] },
    })
    const plain = { token, body: '{}', headers: { 'content-type': 'text/plain' } }
    t.match(await http('POST', path, plain), { status: 415 })
    t.equal(control.calls.length, sent)
    isRefused = true
    const refused = await http('POST', `/v1/sessions/${session.sessionId}/next`, { token, body: { epoch: 1 } })
    t.match(refused, { status: 409, body: { code: 'wrong-state', state: { sessionId: session.sessionId } } })
    t.match(fromBinary(ControlRequestSchema, newest(control.calls)), { epoch: 1 })
    t.match(await http('POST', `/v1/sessions/${session.sessionId}/explode`, { token }), { status: 404 })
    t.match(await http('POST', '/v1/sessions/x/start', { token }), { status: 404 })
    const player = await edge.playerToken({ sub: newId(), sid: session.sessionId })
    t.match(await http('POST', `/v1/sessions/${session.sessionId}/start`, { token: player }), { status: 403 })
    control.stop()
  })

  await t.test('leaving and removing', async (t) => {
    const session = createTestSession(nats, 'u-1')
    await session.publish({ case: 'sessionCreated', value: {} })
    const playerId = newId()
    const player = await edge.playerToken({ sub: playerId, sid: session.sessionId })
    let countedAtMs = 0
    const counts = (playerCount: number) => () => {
      countedAtMs += 1
      return { case: 'playerCount', value: { playerCount, countedAtMs } } as const
    }
    const seen = async () => (await http('GET', `/v1/sessions/${session.sessionId}`, { token })).body.playerCount
    const leave = serve(nats, 'session-leave', counts(7))
    const plain = { token: player, body: 'x', headers: { 'content-type': 'text/plain' } }
    t.match(await http('POST', `/v1/sessions/${session.sessionId}/leave`, plain), { status: 415 })
    const left = await http('POST', `/v1/sessions/${session.sessionId}/leave`, { token: player })
    t.match(left, { status: 204, body: '' })
    t.equal(left.headers.get('cache-control'), 'no-store')
    t.match(leave.tokens, [player])
    t.equal(await seen(), 7, 'counted off before the lobby says so')
    t.match(await http('POST', `/v1/sessions/${session.sessionId}/leave`, { token }), { status: 403 })
    t.match(await http('POST', `/v1/sessions/${newId()}/leave`, { token: player }), { status: 404 })
    const remove = serve(nats, 'session-remove-player', counts(5))
    const path = `/v1/sessions/${session.sessionId}/players`
    t.match(await http('DELETE', `${path}/${playerId}`, { token }), { status: 204 })
    t.equal(await seen(), 5)
    t.match(fromBinary(RemovePlayerRequestSchema, newest(remove.calls)), { playerIds: [playerId] })
    const playerIds = [playerId, newId()]
    t.match(await http('POST', `${path}/remove`, { token, body: { playerIds } }), { status: 204 })
    t.match(fromBinary(RemovePlayerRequestSchema, newest(remove.calls)), { playerIds })
    t.match(await http('POST', `${path}/remove`, { token, body: { playerIds: [] } }), { status: 400 })
    t.match(await http('DELETE', `${path}/x`, { token }), { status: 404 })
    leave.stop()
    remove.stop()
  })

  await t.test('the state is for the host and the players', async (t) => {
    const session = createTestSession(nats, 'u-1')
    await session.publish({ case: 'sessionCreated', value: {} })
    await session.open(0)
    createTestBoard(nats, session.sessionId)
    const path = `/v1/sessions/${session.sessionId}`
    const playerId = newId()
    const player = await edge.playerToken({ sub: playerId, sid: session.sessionId })
    const seen = await http('GET', path, { token: player })
    t.match(seen, { status: 200, body: { status: 'question_open', me: { playerId, nickname: 'Ada' } } })
    const host = await http('GET', path, { token })
    t.equal(host.body.me, undefined)
    t.equal(host.body.question.questionId, session.questionIds[0])
    t.notMatch(JSON.stringify(seen.body), /hostUserId|removed|admits|u-1/, 'nothing internal')
    const rival = await edge.issuer.token({ sub: 'u-2', roles: ['host'] })
    t.match(await http('GET', path, { token: rival }), { status: 404, body: { code: 'not-found' } })
    const stranger = await edge.playerToken({ sub: newId(), sid: newId() })
    t.match(await http('GET', path, { token: stranger }), { status: 404, body: { code: 'not-found' } })
    t.match(await http('GET', path), { status: 401 })
    t.match(await http('GET', '/v1/sessions/..', { token }), { status: 404 })
  })

  await t.test('a display reads what a spectator may, and nothing else', async (t) => {
    const session = createTestSession(nats, 'u-1')
    await session.publish({ case: 'sessionCreated', value: {} })
    await session.open(0)
    createTestBoard(nats, session.sessionId)
    const path = `/v1/sessions/${session.sessionId}`
    const display = await edge.displayToken(session.sessionId)
    const made = serve(nats, 'session-display', () => ({
      case: 'displayToken',
      value: { token: display, expiresAtMs: 17 },
    }))
    t.match(await http('POST', `${path}/displays`, { token }), { status: 201, body: { token: display, expiresAt: 17 } })
    t.match(fromBinary(CreateDisplayRequestSchema, newest(made.calls)), { sessionId: session.sessionId })
    t.same(made.tokens, [token], 'with the token of the host')

    const seen = await http('GET', path, { token: display })
    t.match(seen, { status: 200, body: { status: 'question_open' } })
    t.same([seen.body.me, seen.body.presence], [undefined, undefined], 'neither a player nor the host')
    t.match(await http('GET', `${path}/leaderboard`, { token: display }), { status: 200, body: { top: [] } })
    for (const stream of [await edge.sse(session.sessionId, display), await edge.ws(session.sessionId, display)]) {
      const snapshot = await stream.next('session.snapshot')
      t.notOk('me' in snapshot.data)
      stream.close()
    }
    const answer = { answerId: 'a', questionId: session.questionIds[0], choice: 0 }
    for (const [method, at, body] of [
      ['POST', `${path}/displays`],
      ['POST', `${path}/answers`, answer],
      ['POST', `${path}/join`],
      ['POST', `${path}/leave`],
      ['POST', `${path}/next`],
      ['GET', `${path}/players`],
      ['DELETE', `${path}/players/${newId()}`],
      ['GET', `${path}/results`],
      ['GET', `${path}/results/me`],
      ['GET', '/v1/me/results'],
      ['GET', '/v1/sessions'],
    ] as const) {
      const refused = await http(method, at, { token: display, ...(body !== undefined && { body }) })
      t.match(refused, { status: 403, body: { code: 'forbidden' } }, `${method} ${at}`)
    }
    const elsewhere = await edge.displayToken(newId())
    t.match(await http('GET', path, { token: elsewhere }), { status: 404, body: { code: 'not-found' } })
    made.stop()
  })

  await t.test('results as JSON and as CSV', async (t) => {
    const ledger = serve(nats, 'session-results', () => ({
      case: 'results',
      value: { sessionId: 's', title: 'T', status: 'finished', players: [{ rank: 1, playerId: 'p', nickname: 'Ada' }] },
    }))
    const path = `/v1/sessions/${newId()}/results`
    t.match(await http('GET', path, { token }), {
      status: 200,
      body: { players: [{ nickname: 'Ada' }], questions: [] },
    })
    const csv = await http('GET', path, { token, headers: { accept: 'text/csv' } })
    t.equal(csv.headers.get('content-type'), 'text/csv; charset=utf-8')
    t.match(csv.body, /^rank,nickname,.*\r\n1,Ada,p,0,0,0\r\n$/)
    ledger.stop()
    const refused = serve(nats, 'session-results', () => ({ case: 'problem', value: { code: 'forbidden' } }))
    t.match(await http('GET', path, { token, headers: { accept: 'text/csv' } }), { status: 403 })
    refused.stop()
    const broken = serve(nats, 'session-results', (payload) =>
      fromBinary(ResultsRequestSchema, payload).offset === 0
        ? { case: 'results', value: { players: [{ rank: 1, playerId: 'p', nickname: 'Ada' }], nextOffset: 1 } }
        : { case: 'problem', value: { code: 'not-found' } },
    )
    await t.rejects(http('GET', path, { token, headers: { accept: 'text/csv' } }), 'no part of a table looks whole')
    broken.stop()
  })

  await t.test('HEAD is GET without the body', async (t) => {
    const whole = await http('GET', '/openapi.yaml')
    const head = await http('HEAD', '/openapi.yaml')
    t.match(head, { status: 200, body: '' })
    t.equal(head.headers.get('content-length'), String(Buffer.byteLength(whole.body)))
    t.match(await http('HEAD', `/v1/sessions/${newId()}`), { status: 401, body: '' })
    const posted = await http('HEAD', '/v1/quizzes/import')
    t.match({ status: posted.status, allow: posted.headers.get('allow') }, { status: 405, allow: 'POST' })
    const stream = await http('HEAD', `/v1/sessions/${newId()}/events`, { token })
    t.match({ status: stream.status, allow: stream.headers.get('allow') }, { status: 405, allow: 'GET' })
  })

  await t.test('the API describes itself', async (t) => {
    for (const name of ['openapi.yaml', 'asyncapi.yaml']) {
      const { status, headers, body } = await http('GET', `/${name}`)
      t.match({ status, type: headers.get('content-type') }, { status: 200, type: 'application/yaml' })
      t.equal(body, await readFile(new URL(`../../../../proto/${name}`, import.meta.url), 'utf8'))
    }
    for (const path of ['/openapi.yaml', '/asyncapi.yaml', '/docs', '/docs/streams', '/docs/redoc.js']) {
      const etag = (await http('HEAD', path)).headers.get('etag') ?? ''
      t.match(etag, /^"[\w-]{22}"$/, path)
      const again = await http('GET', path, { headers: { 'if-none-match': `"other", W/${etag}` } })
      t.match({ status: again.status, body: again.body }, { status: 304, body: '' }, path)
      t.equal(again.headers.get('etag'), etag)
      t.match(await http('GET', path, { headers: { 'if-none-match': '"other"' } }), { status: 200 }, path)
    }
    for (const [path, document] of [
      ['/docs', '/openapi.yaml'],
      ['/docs/streams', '/asyncapi.yaml'],
    ] as const) {
      const { status, headers, body } = await http('GET', path)
      t.match({ status, body }, { status: 200, body: `spec-url="${document}"` })
      t.match(headers.get('content-security-policy'), /^default-src 'none'; script-src 'self';/)
      const [, script = ''] = /src="([^"]+)"/.exec(body) ?? []
      const { headers: scriptHeaders } = await http('HEAD', script)
      t.equal(scriptHeaders.get('content-type'), 'text/javascript; charset=utf-8')
      t.ok(Number(scriptHeaders.get('content-length')) > 1_000_000)
    }
  })
})
