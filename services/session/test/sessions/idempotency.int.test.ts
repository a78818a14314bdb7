import t from 'tap'
import { codeOf, createClient, single } from '../support/client.ts'
import { createWorld, startCopy } from '../support/world.ts'

t.test('requests that come again', async (t) => {
  const world = await createWorld(t)
  await startCopy(t, world)
  await startCopy(t, world)
  const client = createClient(world)
  const count = async (table: string): Promise<number> => {
    const { rows } = await world.pool.query<{ count: number }>(`SELECT count(*)::integer AS count FROM ${table}`)
    return rows[0]?.count ?? 0
  }

  await t.test('a create with a key is done once, also by two copies at the same time', async (t) => {
    const quizzes = await Promise.all(
      Array.from({ length: 8 }, () => client.createQuiz([single('One?')], 'Keyed', 'quiz-key')),
    )
    t.equal(new Set(quizzes).size, 1)
    t.equal(await count('quizzes'), 1)
    const [quizId = ''] = quizzes
    const sessions = await Promise.all(
      Array.from({ length: 8 }, () => client.createSession(quizId, { access: 'guests' }, 'session-key')),
    )
    t.equal(new Set(sessions.map(({ sessionId, joinCode }) => `${sessionId} ${joinCode}`)).size, 1)
    t.equal(await count('sessions'), 1)
    t.match(sessions[7], { status: 'lobby', settings: { access: 'guests' } })
    t.equal(await codeOf(client.createQuiz([single('Two?')], 'Keyed', 'quiz-key')), 'idempotency-key-reused')
    t.equal(await codeOf(client.createSession(quizId, {}, 'session-key')), 'idempotency-key-reused')
    const rival = createClient(world, 'rival')
    t.not(await rival.createQuiz([single('One?')], 'Keyed', 'quiz-key'), quizId, 'keys are those of their caller')
  })

  await t.test('a key is forgotten after a day', async (t) => {
    const first = await client.createQuiz([single('One?')], 'Old', 'old-key')
    await world.pool.query("UPDATE idempotency SET created_at = now() - interval '25 hours'")
    t.not(await client.createQuiz([single('Other?')], 'Old', 'old-key'), first)
  })

  await t.test('a join with a key is one player, whatever comes at once and again', async (t) => {
    const { sessionId, joinCode } = await client.open(1, { access: 'guests' })
    const more = { nickname: 'Maya', idempotencyKey: 'join-key' }
    const joined = await Promise.all(
      Array.from({ length: 8 }, (_, i) => client.join(i % 2 === 0 ? sessionId : joinCode, undefined, more)),
    )
    t.equal(new Set(joined.map(({ playerId }) => playerId)).size, 1)
    t.equal(new Set(joined.map(({ token }) => token)).size, 8, 'each with a fresh token')
    t.equal((await client.get(sessionId)).playerCount, 1)
    t.equal(
      await codeOf(client.join(sessionId, undefined, { ...more, nickname: 'Mia' })),
      'idempotency-key-reused',
      'with another nickname',
    )
    t.equal(
      await codeOf(client.join(sessionId, undefined, { nickname: 'Maya' })),
      'nickname-invalid',
      'without the key',
    )
    const { playerId, token } = await client.join(sessionId, undefined, more)
    await client.leave(token)
    t.equal((await client.join(sessionId, undefined, more)).playerId, playerId, 'also after leaving')
    await client.remove(sessionId, playerId)
    t.equal(await codeOf(client.join(sessionId, undefined, more)), 'forbidden', 'but not once removed')
  })

  await t.test('a guest resumes with the player token, also after leaving', async (t) => {
    const { sessionId } = await client.open(1, { access: 'guests' })
    const other = await client.open(1, { access: 'guests' })
    const { playerId, token } = await client.join(sessionId, undefined, { nickname: 'Maya' })
    const resume = { resume: true, token }
    const resumed = await client.join(sessionId, undefined, resume)
    t.match(resumed, { playerId, nickname: 'Maya' })
    t.equal(await codeOf(client.join(sessionId, undefined, { token })), 'already-joined')
    t.equal(await codeOf(client.join(other.sessionId, undefined, resume)), 'forbidden')
    t.equal(await codeOf(client.leave(token)), 'unauthorized', 'a newer token has replaced it')
    await client.leave(resumed.token)
    t.equal((await client.get(sessionId)).playerCount, 0)
    t.match((await client.get(sessionId)).internal.generations, [{ playerId, left: true }])
    t.match(await client.join(sessionId, undefined, resume), { playerId, nickname: 'Maya' })
    t.equal((await client.get(sessionId)).playerCount, 1)
    t.match((await client.get(sessionId)).internal.generations, [{ playerId, generation: 3, left: false }])
  })
})
