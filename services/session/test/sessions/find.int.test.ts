import t from 'tap'
import { codeOf, createClient } from '../support/client.ts'
import { createWorld, startCopy } from '../support/world.ts'

t.test('finding a session again', async (t) => {
  const world = await createWorld(t)
  const one = { burst: 2, perSecond: 0.001 }
  await startCopy(t, world, { joinPolicies: { failuresPerAddress: one } })
  const client = createClient(world)

  await t.test('a join code says what it leads to, and unknown codes are limited like joins', async (t) => {
    const { sessionId, joinCode } = await client.open(1, { access: 'guests', maxParticipants: 1 })
    const open = {
      sessionId,
      title: 'Quiz',
      status: 'lobby',
      access: 'guests',
      playerCount: 0,
      full: false,
      locked: false,
    }
    t.match(await client.preview(joinCode.toLowerCase()), open)
    await client.join(joinCode)
    await client.control(sessionId, 'lock')
    t.match(await client.preview(joinCode), { ...open, playerCount: 1, full: true, locked: true })
    for (let i = 0; i < 2; i += 1) t.equal(await codeOf(client.preview('222222', 'here')), 'session-not-found')
    t.equal(await codeOf(client.preview(joinCode, 'here')), 'rate-limited')
    await client.control(sessionId, 'cancel')
  })

  await t.test('a host lists the own sessions, newest first and in pages', async (t) => {
    const lister = createClient(world, 'lister')
    const created: string[] = []
    for (let i = 0; i < 5; i += 1) created.unshift((await lister.open(1)).sessionId)
    const [newest = ''] = created
    await lister.control(newest, 'start')
    const { items, nextCursor } = await lister.list({ limit: 3 })
    t.same(
      items.map(({ sessionId }) => sessionId),
      created.slice(0, 3),
    )
    t.match(items[0], { status: 'starting', title: 'Quiz', playerCount: 0 })
    t.ok((items[0]?.startedAtMs ?? 0) >= (items[0]?.createdAtMs ?? 0))
    t.equal(items[1]?.startedAtMs, undefined)
    const rest = await lister.list({ limit: 3, cursor: nextCursor ?? '' })
    t.same(
      rest.items.map(({ sessionId }) => sessionId),
      created.slice(3),
    )
    t.equal(rest.nextCursor, undefined)
    await lister.control(newest, 'cancel')
    const over = await lister.list({ status: 'cancelled' })
    t.match(over.items, [{ sessionId: newest, joinCode: undefined }])
    t.same((await createClient(world, 'other').list()).items, [])
    for (const page of [{ limit: 0 }, { limit: 101 }, { cursor: 'x' }, { status: 'x' }])
      t.equal(await codeOf(lister.list(page)), 'malformed')
  })
})
