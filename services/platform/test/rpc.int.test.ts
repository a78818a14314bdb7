import { create } from '@bufbuild/protobuf'
import { connect } from '@nats-io/transport-node'
import t from 'tap'
import { CreateQuizResultSchema, DoneSchema } from '#gen/command_pb'
import { queues } from '#platform/contract/streams'
import { PodiumError } from '#platform/errors'
import { sendCommand, serveCommands } from '#platform/rpc'
import { startNats } from './support/nats.ts'
import { silentLogger, testLifecycle } from './support/process.ts'

const empty = new Uint8Array()

t.test('commands', async (t) => {
  const server = await startNats(t)
  const nc = await connect({ servers: server.url })
  t.teardown(() => nc.close())
  serveCommands({
    nc,
    queue: queues.session,
    lifecycle: testLifecycle(t),
    logger: silentLogger(),
    tokens: {
      verify: async (token) => {
        if (token !== 'good') throw new PodiumError('unauthorized')
        return { kind: 'user', userId: 'ada', name: 'Ada', roles: [], expiresAt: 0 }
      },
    },
    handlers: {
      'session-leave': async () => ({ case: 'done', value: create(DoneSchema) }),
      'quiz-create': async (_, caller) => {
        if (caller?.kind !== 'user') throw new PodiumError('forbidden')
        return { case: 'createQuiz', value: create(CreateQuizResultSchema, { quizId: caller.userId }) }
      },
      'session-join': async () => {
        throw new PodiumError('already-joined', {
          extra: { playerId: 'p' },
          errors: [{ pointer: '/nickname', code: 'taken' }],
        })
      },
      'quiz-get': async () => {
        throw new Error('a password')
      },
    },
  })

  await t.test('are answered', async (t) => {
    t.ok(await sendCommand(nc, 'session-leave', empty, 'done'))
  })

  await t.test('are on behalf of the client whose token they carry, once it is verified', async (t) => {
    const create = (token?: string) => sendCommand(nc, 'quiz-create', empty, 'createQuiz', { token })
    t.match(await create('good'), { quizId: 'ada' })
    await t.rejects(create('forged'), { code: 'unauthorized' })
    await t.rejects(create(), { code: 'forbidden' })
  })

  await t.test('are refused with code, field errors and further members', async (t) => {
    await t.rejects(sendCommand(nc, 'session-join', empty, 'join'), {
      code: 'already-joined',
      extra: { playerId: 'p' },
      errors: [{ pointer: '/nickname', code: 'taken' }],
    })
  })

  await t.test('that fail unexpectedly say nothing about why', async (t) => {
    const error = await sendCommand(nc, 'quiz-get', empty, 'quiz').catch((err: unknown) => err)
    t.match(error, { code: 'internal' })
    t.notMatch(JSON.stringify(error), /password/)
  })

  await t.test('that no service serves are unavailable at once', async (t) => {
    await t.rejects(sendCommand(nc, 'session-results', empty, 'results'), { code: 'unavailable' })
  })
})
