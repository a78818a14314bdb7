import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { create, toBinary } from '@bufbuild/protobuf'
import t from 'tap'
import { type ImportQuizRequest, ImportQuizRequestSchema } from '#gen/command_pb'
import { sendCommand } from '#platform/rpc'
import { createClient } from '../support/client.ts'
import { createWorld, startCopy } from '../support/world.ts'

const results = Array.from({ length: 3 }, (_, i) => ({
  type: i === 2 ? 'essay' : 'multiple',
  difficulty: 'easy',
  category: 'Any',
  question: `What is &quot;${i}&quot;?`,
  correct_answer: 'caf&eacute;',
  incorrect_answers: ['a', 'b', 'c'],
}))

t.test('importing', async (t) => {
  const provider = createServer((_, response) => response.end(JSON.stringify({ response_code: 0, results })))
  provider.listen(0, '127.0.0.1')
  await once(provider, 'listening')
  t.teardown(() => {
    provider.closeAllConnections()
    provider.close()
  })
  const world = await createWorld(t)
  const { port } = provider.address() as AddressInfo
  await startCopy(t, world, { openTdbUrl: `http://127.0.0.1:${port}` })
  const client = createClient(world)

  const importQuiz = async (request: Partial<ImportQuizRequest>, roles = ['host']) => {
    const token = await world.issuer.token({ sub: 'host', roles })
    const payload = toBinary(ImportQuizRequestSchema, create(ImportQuizRequestSchema, request))
    return sendCommand(world.nc, 'quiz-import', payload, 'importQuiz', { token, timeoutMs: 30_000 })
  }

  await t.test('a quiz comes from the provider, entities decoded, with a report of what was skipped', async (t) => {
    const imported = await importQuiz({ provider: 'opentdb', amount: 3 })
    t.match(imported, { imported: 2, skipped: [{ index: 2, reason: 'unknown-type' }] })
    const quiz = await client.getQuiz(imported.quizId)
    t.match(quiz.questions[0], { prompt: 'What is "0"?', options: ['a', 'b', 'c', 'café'] })
  })

  await t.test('a thousand questions are taken at once', async (t) => {
    const lines = Array.from({ length: 1_000 }, (_, i) => `Question ${i},yes,no,1`)
    const content = `prompt,option1,option2,correct\n${lines.join('\n')}`
    const { quizId, imported } = await importQuiz({ format: 'csv', title: 'Many', content })
    t.equal(imported, 1_000)
    t.equal((await client.getQuiz(quizId)).questions.length, 1_000)
  })

  await t.test('GIFT and the saved responses of the provider are formats too', async (t) => {
    t.match(await importQuiz({ format: 'gift', title: 'G', content: 'Sure? {T}\n\nWrite. {}' }), {
      imported: 1,
      skipped: [{ index: 1, reason: 'essay' }],
    })
    t.match(await importQuiz({ format: 'opentdb', title: 'O', content: JSON.stringify({ results }) }), { imported: 2 })
  })

  await t.test('what cannot be used at all is refused, with the reasons', async (t) => {
    await t.rejects(importQuiz({ format: 'gift', title: 'G', content: 'Write. {}' }), {
      code: 'malformed',
      errors: [{ pointer: '/content/0', code: 'essay' }],
    })
    await t.rejects(importQuiz({ format: 'csv', title: 'C', content: '' }), {
      errors: [{ pointer: '/content', code: 'format' }],
    })
    await t.rejects(importQuiz({ format: 'csv', title: 'C', content: 'prompt,correct' }), {
      errors: [{ pointer: '/content', code: 'no-questions' }],
    })
    await t.rejects(importQuiz({ format: 'docx', title: 'C', content: 'x' }), { errors: [{ pointer: '/format' }] })
    await t.rejects(importQuiz({ format: 'csv', title: '', content: 'x' }), { errors: [{ pointer: '/title' }] })
    await t.rejects(importQuiz({ provider: 'other', amount: 1 }), { errors: [{ pointer: '/provider' }] })
    await t.rejects(importQuiz({ format: 'csv', title: 'C', content: 'x' }, []), { code: 'forbidden' })
  })
})
