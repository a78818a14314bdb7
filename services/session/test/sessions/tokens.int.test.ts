import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import t from 'tap'
import {
  ControlRequestSchema,
  CreateDisplayRequestSchema,
  GetQuizRequestSchema,
  LeaveRequestSchema,
  ListSessionsRequestSchema,
  ResultsRequestSchema,
} from '#gen/command_pb'
import { sendCommand } from '#platform/rpc'
import { createDevIssuer } from '../../../../deploy/local/keys.ts'
import { testFolder } from '../../../platform/test/support/folder.ts'
import { codeOf, createClient } from '../support/client.ts'
import { createWorld, startCopy } from '../support/world.ts'

t.test('a command has the rights of the token that it carries, not of the edge that sends it', async (t) => {
  const world = await createWorld(t)
  await startCopy(t, world)
  const client = createClient(world)
  const { sessionId } = await client.open(1, { access: 'guests' })
  const quizId = (await client.list()).items[0]?.quizId ?? ''
  const player = await client.join(sessionId, undefined, { nickname: 'Maya' })
  const other = await client.open(1, { access: 'guests' })

  const encode = <S extends DescMessage>(schema: S, request: MessageInitShape<S>) =>
    toBinary(schema, create(schema, request))
  const commands = {
    'quiz-get': ['quiz', encode(GetQuizRequestSchema, { quizId })],
    'session-results': ['results', encode(ResultsRequestSchema, { sessionId })],
    'session-control': ['control', encode(ControlRequestSchema, { sessionId, command: 'start' })],
    'session-list': ['sessionList', encode(ListSessionsRequestSchema, { limit: 1 })],
    'session-display': ['displayToken', encode(CreateDisplayRequestSchema, { sessionId })],
    'session-leave': ['playerCount', encode(LeaveRequestSchema, {})],
  } as const
  const codes = async (token: string | undefined) => {
    const found: string[] = []
    for (const [name, [reply, payload]] of Object.entries(commands)) {
      found.push(await codeOf(sendCommand(world.nc, name as keyof typeof commands, payload, reply, { token })))
    }
    return found
  }
  const forged = await (await createDevIssuer(await testFolder(t))).token({ sub: 'host', roles: ['host'] })
  const expired = await world.issuer.token({ sub: 'host', roles: ['host'], ttlSeconds: -60 })
  const rival = await world.issuer.token({ sub: 'rival', roles: ['host'] })
  const none = Object.keys(commands).map(() => 'unauthorized')
  t.same(await codes(undefined), none, 'without a token')
  t.same(await codes(forged), none, 'of another issuer')
  t.same(await codes(expired), none, 'expired')
  t.same(
    await codes(rival),
    ['not-found', 'not-found', 'not-found', 'accepted', 'not-found', 'forbidden'],
    'of another host',
  )
  t.equal(await codeOf(client.join(other.sessionId, undefined, { token: player.token, resume: true })), 'forbidden')
  const host = await world.issuer.token({ sub: 'host', roles: ['host'] })
  const payload = encode(CreateDisplayRequestSchema, { sessionId })
  const { token } = await sendCommand(world.nc, 'session-display', payload, 'displayToken', { token: host })
  t.same(await codes(token), [...none.slice(1), 'forbidden'], 'of a display')
  const byPlayer = Object.keys(commands).map((name) => (name === 'session-leave' ? 'accepted' : 'unauthorized'))
  t.same(await codes(player.token), byPlayer, 'of a player')
})
