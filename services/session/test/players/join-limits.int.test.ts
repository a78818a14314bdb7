import t from 'tap'
import { codeOf, createClient, quick, single } from '../support/client.ts'
import { createWorld, startCopy } from '../support/world.ts'

t.test('guessing', async (t) => {
  const world = await createWorld(t)
  const policy = { burst: 5, perSecond: 0.01 }
  await startCopy(t, world, { joinPolicies: { failuresPerUser: policy, failuresPerAddress: { ...policy, burst: 8 } } })
  const client = createClient(world)
  const { sessionId, joinCode } = await client.open(1, { access: 'guests' })
  const NOWHERE = '00000000-0000-7000-8000-000000000000'

  await t.test('a user who names sessions that do not exist is stopped, also with a good guess', async (t) => {
    for (let n = 0; n < 5; n++)
      t.equal(await codeOf(client.join(n % 2 ? 'ZZZZZZ' : NOWHERE, 'eve')), 'session-not-found')
    const refused = client.join(joinCode, 'eve')
    await t.rejects(refused, { code: 'rate-limited', extra: { policy: '"join-failures";q=5;w=500' } })
    await t.rejects(client.join('ZZZZZZ', 'eve'), { code: 'rate-limited' })
    t.equal(await codeOf(client.join(joinCode, 'ada')), 'accepted', 'others are not')
  })

  await t.test('so is an address, from which others come who made no mistake', async (t) => {
    const origin = '192.0.2.1'
    for (let n = 0; n < 8; n++) t.equal(await codeOf(client.join('ZZZZZZ', undefined, { origin })), 'session-not-found')
    t.equal(await codeOf(client.join(sessionId, undefined, { origin })), 'rate-limited')
    t.equal(await codeOf(client.join(sessionId, undefined, { origin: '192.0.2.2' })), 'accepted')
    t.equal(await codeOf(client.join(sessionId, 'bea', { origin })), 'accepted', 'a token counts for itself')
  })

  await t.test('what is refused for another reason is no failure', async (t) => {
    for (let n = 0; n < 20; n++) {
      t.equal(await codeOf(client.join(sessionId, 'bob', { nickname: '' })), 'nickname-invalid')
    }
    t.equal(await codeOf(client.join(sessionId, 'bob')), 'accepted')
  })

  await t.test('a session that is over, one that never was, and a code that never was look the same', async (t) => {
    const over = await client.open(1)
    await client.control(over.sessionId, 'cancel')
    const problems = await Promise.all(
      [over.joinCode, 'ZZZZZZ', NOWHERE].map((session, n) => client.join(session, `u${n}`).catch((err) => err)),
    )
    for (const { code, message, extra } of problems) {
      t.same(
        { code, message, extra },
        { code: 'session-not-found', message: 'There is no such session.', extra: undefined },
      )
    }
  })
})

t.test('guesses from many addresses have a ceiling together, which users do not feel', async (t) => {
  const world = await createWorld(t)
  await startCopy(t, world, { joinPolicies: { failures: { burst: 10, perSecond: 0.01 } } })
  const client = createClient(world)
  const { joinCode } = await client.open(1, { access: 'guests' })
  const guess = (n: number) => codeOf(client.preview('ZZZZZZ', `192.0.2.${n}`))
  for (let n = 0; n < 10; n++) t.equal(await guess(n), 'session-not-found')
  t.equal(await guess(10), 'rate-limited')
  t.equal(await codeOf(client.join(joinCode, undefined, { origin: '192.0.2.11' })), 'rate-limited')
  t.equal(await codeOf(client.join(joinCode, 'ada', { origin: '192.0.2.11' })), 'accepted')
})

t.test('a flood of joins of one session is cut, where it comes from', async (t) => {
  const world = await createWorld(t)
  const joinPolicies = {
    perSession: { burst: 10, perSecond: 0.01 },
    guestsPerAddress: { burst: 6, perSecond: 0.01 },
  }
  await startCopy(t, world, { joinPolicies })
  const client = createClient(world)
  const { sessionId } = await client.open(1, { access: 'guests' })
  const other = await client.open(1, { access: 'guests' })
  const flood = async (count: number, origin: string) => {
    const codes = await Promise.all(
      Array.from({ length: count }, () => codeOf(client.join(sessionId, undefined, { origin }))),
    )
    return Map.groupBy(codes, (code) => code).get('accepted')?.length ?? 0
  }
  t.equal(await flood(30, '192.0.2.1'), 6, 'an address has so many')
  t.equal(await flood(30, '192.0.2.2'), 4, 'all guests have so many')
  t.equal(await codeOf(client.join(sessionId, 'ada', { origin: '192.0.2.1' })), 'accepted', 'users have their own')
  t.equal(await codeOf(client.join(other.sessionId)), 'accepted')

  const closed = await client.open(1)
  for (let n = 0; n < 20; n++) t.equal(await codeOf(client.join(closed.sessionId)), 'unauthorized')
  t.equal(await codeOf(client.join(closed.sessionId, 'ada')), 'accepted', 'who may not join uses up nothing')
})

t.test('guests of one address have a part of the seats', async (t) => {
  const world = await createWorld(t)
  await startCopy(t, world)
  const client = createClient(world)
  const { settings } = await client.open(1, { access: 'guests', maxParticipants: 200 })
  t.equal(settings?.guestSeatsPerAddress, 80)
  const { sessionId } = await client.open(1, { access: 'guests', guestSeatsPerAddress: 3 })
  const origin = '192.0.2.1'
  const joinFrom = (from: string, nickname: string) => client.join(sessionId, undefined, { origin: from, nickname })
  const codes = await Promise.all(Array.from({ length: 6 }, (_, n) => codeOf(joinFrom(origin, `Bot ${n}`))))
  t.same(codes.toSorted(), [...Array(3).fill('accepted'), ...Array(3).fill('too-many-guests')])
  t.equal(await codeOf(joinFrom('192.0.2.2', 'Bot 0')), 'nickname-invalid')
  const maya = await joinFrom('192.0.2.2', 'Maya')
  t.equal(await codeOf(client.join(sessionId, 'ada', { origin })), 'accepted', 'users are not guests')
  t.equal(await codeOf(joinFrom('192.0.2.2', 'Mia')), 'accepted', 'a refused join took no seat')
  const resume = { token: maya.token, resume: true, origin }
  t.equal(await codeOf(client.join(sessionId, undefined, resume)), 'accepted', 'nor does a player who comes back')
})

t.test('a host has quotas', async (t) => {
  const world = await createWorld(t)
  await startCopy(t, world, { quotas: { liveSessions: 2, quizzes: 3 } })
  const client = createClient(world)
  const quizId = await client.createQuiz([single('One')])
  const { sessionId } = await client.createSession(quizId)
  await client.createSession(quizId, quick, 'again')
  const refused = { code: 'quota-exceeded', extra: { quota: 'liveSessions', limit: 2 } }
  await t.rejects(client.createSession(quizId), refused)
  t.equal(await codeOf(client.createSession(quizId, quick, 'again')), 'accepted', 'a repeat makes nothing new')
  await client.control(sessionId, 'cancel')
  t.equal(await codeOf(client.createSession(quizId)), 'accepted', 'one that is over does not count')
  await client.createQuiz([single('Two')])
  await client.createQuiz([single('Three')])
  await t.rejects(client.createQuiz([single('Four')]), {
    code: 'quota-exceeded',
    extra: { quota: 'quizzes', limit: 3 },
  })
  const rival = createClient(world, 'rival')
  t.equal(await codeOf(rival.createQuiz([single('One')])), 'accepted')
})
