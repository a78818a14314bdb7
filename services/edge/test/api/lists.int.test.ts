import { fromBinary, fromJson } from '@bufbuild/protobuf'
import { ValueSchema } from '@bufbuild/protobuf/wkt'
import t from 'tap'
import {
  HistoryRequestSchema,
  ListPlayersRequestSchema,
  MistakesRequestSchema,
  OwnResultsRequestSchema,
} from '#gen/command_pb'
import { newId } from '#platform/ids'
import { createHttp } from '../../../platform/test/support/http.ts'
import { createTestBoard } from '../support/board-player.ts'
import { startEdge } from '../support/edge.ts'
import { createTestSession, serve } from '../support/session.ts'

t.test('pages of players and boards, and what learners take home', async (t) => {
  const edge = await startEdge(t)
  const http = createHttp(edge.url)
  const { nats } = edge
  const host = await edge.hostToken()
  const newSession = async () => {
    const session = createTestSession(nats)
    await session.publish({ case: 'sessionCreated', value: {} })
    const player = await edge.player(session.sessionId, 'Ada')
    return {
      ...session,
      board: createTestBoard(nats, session.sessionId),
      player,
      path: `/v1/sessions/${session.sessionId}`,
    }
  }
  const faultOf = async (path: string, token: string) => {
    const { status, body } = await http('GET', path, { token })
    return [status, body.code, body.errors?.[0]?.pointer]
  }

  await t.test('everyone who joined, with who is connected to this edge', async (t) => {
    const { sessionId, player, path } = await newSession()
    const gone = newId()
    const list = serve(nats, 'session-players', () => ({
      case: 'playerList',
      value: {
        items: [
          { playerId: player.playerId, nickname: 'Ada', joinedAtMs: 17, joinOrder: 1 },
          { playerId: gone, nickname: 'Bob', joinedAtMs: 18, joinOrder: 2, removed: true },
        ],
        nextCursor: 'c2',
      },
    }))
    const stream = await edge.ws(sessionId, player.token)
    await stream.next('session.snapshot')
    t.same((await http('GET', `${path}/players?limit=2&cursor=c1`, { token: host })).body, {
      items: [
        { playerId: player.playerId, nickname: 'Ada', joinedAt: 17, connected: true, removed: false },
        { playerId: gone, nickname: 'Bob', joinedAt: 18, connected: false, removed: true },
      ],
      nextCursor: 'c2',
    })
    t.match(fromBinary(ListPlayersRequestSchema, list.calls[0] ?? new Uint8Array()), {
      sessionId,
      limit: 2,
      cursor: 'c1',
    })
    t.same(await faultOf(`${path}/players?limit=0`, host), [400, 'malformed', '/limit'])
    t.match(await http('GET', `${path}/players`, { token: player.token }), { status: 403 })
    t.equal(list.calls.length, 1)
    list.stop()
  })

  await t.test('any page of the board', async (t) => {
    const { player, board, path } = await newSession()
    const ids = Array.from({ length: 5 }, () => newId())
    const roster = serve(nats, 'session-roster', () => ({
      case: 'roster',
      value: { players: ids.map((playerId, index) => ({ playerId, nickname: `P${index}` })) },
    }))
    board.set(...ids.map((playerId, index) => ({ playerId, score: 500 - index })), {
      playerId: player.playerId,
      score: 1,
    })
    const page = async (query: string, token = host) =>
      (await http('GET', `${path}/leaderboard${query}`, { token })).body
    const rows = ({ top }: { top: { rank: number; nickname: string }[] }) =>
      top.map(({ rank, nickname }) => [rank, nickname])
    t.same(rows(await page('?limit=2&offset=3')), [
      [4, 'P3'],
      [5, 'P4'],
    ])
    const behind = await page('?offset=100&limit=2', player.token)
    t.match(behind, { playerCount: 6, top: [], me: { rank: 6, playerId: player.playerId } }, 'no row is left')
    t.equal((await page('?limit=3')).top.length, 3)
    for (const query of ['?offset=-1', '?offset=100001', '?offset=x']) {
      t.same(await faultOf(`${path}/leaderboard${query}`, host), [400, 'malformed', '/offset'], query)
    }
    roster.stop()
  })

  const question = { questionId: newId(), index: 0, kind: 'single_choice', prompt: 'Which?', options: ['a', 'b'] }
  const reviewed = {
    question,
    correct: fromJson(ValueSchema, 1),
    explanation: 'So.',
    answer: { choices: [0], credit: 0, points: 0, elapsedMs: 900 },
  }
  const reviewedJson = {
    ...question,
    answer: { choice: 0 },
    correct: 1,
    credit: 0,
    points: 0,
    elapsedMs: 900,
    explanation: 'So.',
  }

  await t.test('own results are for players of the session', async (t) => {
    const { sessionId, player, path } = await newSession()
    const value = { nickname: 'Ada', rank: 2, score: 700, correctAnswers: 1 }
    const own = serve(nats, 'own-results', () => ({
      case: 'ownResults',
      value: { ...value, questions: [reviewed, { question: { ...question, index: 1 }, correct: reviewed.correct }] },
    }))
    const { status, body } = await http('GET', `${path}/results/me`, { token: player.token })
    t.same(
      [status, body],
      [200, { ...value, questions: [reviewedJson, { ...question, index: 1, correct: 1, credit: 0, points: 0 }] }],
    )
    t.match(fromBinary(OwnResultsRequestSchema, own.calls[0] ?? new Uint8Array()), { sessionId })
    t.same(own.tokens, [player.token])
    t.match(await http('GET', `${path}/results/me`, { token: host }), { status: 403, body: { code: 'forbidden' } })
    const stranger = await edge.player(newId(), 'Eve')
    t.match(await http('GET', `${path}/results/me`, { token: stranger.token }), { status: 404 })
    t.equal(own.calls.length, 1)
    own.stop()
  })

  await t.test('sessions that a user played, and what was answered wrong in them', async (t) => {
    const user = await edge.issuer.token({ sub: 'u-7', name: 'Ada' })
    const session = { sessionId: newId(), title: 'Unit 1' }
    const played = { rank: 1, score: 900, correctAnswers: 1, questionCount: 2, playerCount: 30 }
    const history = serve(nats, 'own-history', () => ({
      case: 'history',
      value: { items: [{ ...session, ...played, finishedAtMs: 17 }], nextCursor: 'c2' },
    }))
    t.same((await http('GET', '/v1/me/results?limit=1', { token: user })).body, {
      items: [{ ...session, ...played, finishedAt: 17 }],
      nextCursor: 'c2',
    })
    t.match(fromBinary(HistoryRequestSchema, history.calls[0] ?? new Uint8Array()), { limit: 1, cursor: undefined })

    const mistakes = serve(nats, 'own-mistakes', () => ({
      case: 'mistakeList',
      value: { items: [{ ...session, finishedAtMs: 17, reviewed, tags: ['verbs'] }] },
    }))
    t.same((await http('GET', '/v1/me/mistakes?tag=verbs&cursor=c1', { token: user })).body, {
      items: [{ ...session, finishedAt: 17, ...reviewedJson, tags: ['verbs'] }],
    })
    t.match(fromBinary(MistakesRequestSchema, mistakes.calls[0] ?? new Uint8Array()), {
      limit: 20,
      cursor: 'c1',
      tag: 'verbs',
    })
    const { player } = await newSession()
    for (const path of ['/v1/me/results', '/v1/me/mistakes']) {
      t.same(await faultOf(`${path}?limit=0`, user), [400, 'malformed', '/limit'])
      t.match(await http('GET', path, { token: player.token }), { status: 403 }, 'a player is no user')
      t.match(await http('GET', path), { status: 401 })
    }
    history.stop()
    mistakes.stop()
  })
})
