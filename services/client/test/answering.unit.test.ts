import t from 'tap'
import { eventually } from '../../platform/test/support/eventually.ts'
import { type AnswerOutcome, createClient } from '../src/index.ts'
import { codeOf, KEY, playedPlayer } from './support/played-player.ts'

t.test('an answer without a reply in time stays, and is sent with the same id when the stream is back', async (t) => {
  const { world, store, start, connect } = await playedPlayer(t)
  const player = await start()
  const outcomes: AnswerOutcome[] = []
  player.onAnswer((outcome) => outcomes.push(outcome))
  world.isOnline = false
  t.equal(await codeOf(player.answer('q', { choice: 1 }, { deadlineMs: 30 })), 'client-network')
  t.match(await store.get(KEY), '"questionId":"q"')
  t.strictSame(outcomes, [])
  world.isOnline = true
  await connect(player)
  await eventually(() => world.overSocket.length === 1 || world.http.length === 1)
  const [message] = world.overSocket
  if (message === undefined) throw new Error('not over the socket')
  world.sockets.at(-1)?.onmessage?.({
    data: JSON.stringify({ type: 'answer.accepted', ref: message.ref, data: { ...message.data, receivedAt: 9 } }),
  } as never)
  await eventually(() => outcomes.length === 1)
  t.match(outcomes[0], { questionId: 'q', receipt: { receivedAt: 9 } })
  t.ok(player.board.answered.includes('q'))
  await eventually(async () => (await store.get(KEY)) === undefined)
})

t.test('an app that was started again sends what the one before it kept', async (t) => {
  const { world, store, start } = await playedPlayer(t)
  world.isOnline = false
  await codeOf((await start()).answer('q', { choice: 2 }, { deadlineMs: 30, answerId: 'kept' }))
  world.isOnline = true
  const outcomes = await (await start()).flush()
  t.match(outcomes, [{ answerId: 'kept', questionId: 'q', receipt: { receivedAt: 1 } }])
  t.match(world.http.at(-1), { answerId: 'kept', choice: 2 })
  t.equal(await store.get(KEY), undefined)
  t.strictSame(await (await start()).flush(), [])
})

t.test('a refused answer leaves the outbox; what a proxy or a bad token says decides nothing', async (t) => {
  const { world, store, start } = await playedPlayer(t)
  const player = await start()
  world.refusal = { code: 'already-answered', status: 400 }
  t.equal(await codeOf(player.answer('q', { choice: 1 })), 'already-answered')
  t.ok(player.board.answered.includes('q'))
  await eventually(async () => (await store.get(KEY)) === undefined)
  world.refusal = { code: 'unauthorized', status: 401 }
  t.equal(await codeOf(player.answer('q2', { choice: 1 })), 'unauthorized')
  t.match(await store.get(KEY), 'q2')
  world.refusal = undefined
  t.match(await player.flush(), [{ questionId: 'q2', receipt: {} }])
})

t.test('another answer to the same question takes the place of one that waits', async (t) => {
  const { world, start } = await playedPlayer(t)
  const player = await start()
  world.isOnline = false
  await codeOf(player.answer('q', { choice: 1 }, { deadlineMs: 20 }))
  world.isOnline = true
  await player.answer('q', { choice: 2 })
  t.strictSame(await player.flush(), [])
  t.strictSame(
    world.http.map(({ choice }) => choice),
    [2],
  )
})

t.test('an answer that is a moment early is sent again when the question opens', async (t) => {
  const { world, start, connect } = await playedPlayer(t)
  const player = await start()
  const opensAt = Date.now() + 400
  await connect(player, { status: 'question_open', question: { questionId: 'q', opensAt, closesAt: opensAt + 1_000 } })
  world.refusal = { code: 'question-not-open', status: 409 }
  const answered = player.answer('q', { choice: 1 }, { via: 'http' })
  await eventually(() => world.http.length === 1)
  world.refusal = undefined
  t.equal((await answered).questionId, 'q')
  t.equal(world.http.length, 2, 'not sent in between')
  t.ok(Date.now() >= opensAt - 20)
  world.refusal = { code: 'question-not-open', status: 409 }
  const late = player.answer('another', { choice: 1 }, { via: 'http', deadlineMs: 150 })
  t.equal(await codeOf(late), 'question-not-open', 'of one that does not open')
})

t.test('an answer to a question that reached the app before its edge is repeated', async (t) => {
  const { world, start, connect } = await playedPlayer(t)
  const player = await start()
  await connect(player)
  world.refusal = { code: 'question-not-open', status: 409 }
  const answered = player.answer('next', { choice: 1 }, { via: 'http' })
  await eventually(() => world.http.length === 2)
  world.refusal = undefined
  t.equal((await answered).questionId, 'next')
  t.equal(new Set(world.http.map(({ answerId }) => answerId)).size, 1)
})

t.test('a socket that does not reply is not asked again', async (t) => {
  const { world, start, connect } = await playedPlayer(t)
  const player = await start()
  await connect(player)
  await player.answer('q', { choice: 1 }, { attemptTimeoutMs: 30 })
  t.equal(world.overSocket.length, 1)
  t.equal(world.http.length, 1)
  t.equal(world.http[0]?.answerId, world.overSocket[0]?.data.answerId)
})

t.test('a refused token is asked for once more, and the fresh one is used', async (t) => {
  const asked: (string | undefined)[] = []
  const used: string[] = []
  const client = createClient({
    baseUrl: 'http://edge',
    token: (refused) => {
      asked.push(refused)
      return refused === undefined ? 'old' : 'fresh'
    },
    fetch: async (_url, { headers }) => {
      used.push(headers.authorization ?? '')
      const isGood = headers.authorization === 'Bearer fresh'
      return new Response(isGood ? '{"quizId":"z"}' : '{"code":"unauthorized"}', { status: isGood ? 200 : 401 })
    },
  })
  t.match(await client.quiz('z'), { quizId: 'z' })
  t.strictSame(asked, [undefined, 'old'])
  t.strictSame(used, ['Bearer old', 'Bearer fresh'])
})
