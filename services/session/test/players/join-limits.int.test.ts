import t from 'tap'
import { codeOf, createClient } from '../support/client.ts'
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

t.test('a flood of joins of one session is cut', async (t) => {
  const world = await createWorld(t)
  await startCopy(t, world, { joinPolicies: { perSession: { burst: 10, perSecond: 0.01 } } })
  const client = createClient(world)
  const { sessionId } = await client.open(1, { access: 'guests' })
  const other = await client.open(1, { access: 'guests' })
  const codes = await Promise.all(Array.from({ length: 30 }, () => codeOf(client.join(sessionId))))
  t.equal(codes.filter((code) => code === 'accepted').length, 10)
  t.equal(codes.filter((code) => code === 'rate-limited').length, 20)
  t.equal(await codeOf(client.join(other.sessionId)), 'accepted')
})
