import t from 'tap'
import { createMessageJudge, createResponseJudge, faultyExamples } from './support/schemas.ts'

const quizId = '0199aaaa-0000-7000-8000-000000000000'

t.test('responses are judged by their operation and status, all others as problems', async (t) => {
  const judge = createResponseJudge()
  t.equal(judge('POST', '/v1/quizzes', 201, { quizId }), undefined)
  t.match(judge('POST', '/v1/quizzes', 201, { id: quizId }), { errors: [{ keyword: 'required' }] })
  t.match(judge('POST', '/v1/quizzes', 201, { quizId, secret: 1 }), { errors: [{ keyword: 'unevaluatedProperties' }] })
  t.match(judge('GET', '/v1/time?x=1', 200, { now: 'soon' }), { errors: [{ keyword: 'type' }] })
  t.match(judge('POST', `/v1/sessions/${quizId}/join`, 200, {}), { errors: [{ keyword: 'required' }] })
  t.match(judge('GET', '/v1/nothing', 404, { code: 'not-found' }), { errors: [{ keyword: 'required' }] })
})

t.test(
  'a quiz is judged by the kinds of its questions, and extended schemas are closed where they are used',
  async (t) => {
    const judge = createResponseJudge()
    const quiz = (question: object) => ({
      quizId,
      title: 'Quiz',
      tags: [],
      createdAt: 1,
      updatedAt: 1,
      questions: [{ questionId: quizId, ...question }],
    })
    const good = { kind: 'true_false', prompt: 'Is it?', correct: true }
    t.equal(judge('GET', `/v1/quizzes/${quizId}`, 200, quiz(good)), undefined)
    t.ok(judge('GET', `/v1/quizzes/${quizId}`, 200, quiz({ ...good, hint: 'yes' })))
    t.ok(judge('GET', `/v1/quizzes/${quizId}`, 200, quiz({ ...good, correct: 1 })))
  },
)

t.test('a refusal has a code that its operation names', async (t) => {
  const judge = createResponseJudge()
  const problem = (status: number, code: string) => ({
    type: `urn:podium:problem:${code}`,
    title: 'No',
    status,
    detail: 'No.',
    instance: '/v1/quizzes',
    code,
    traceId: '0af7651916cd43dd8448eb211c80319c',
  })
  t.equal(judge('POST', '/v1/quizzes', 403, problem(403, 'forbidden')), undefined)
  t.equal(judge('POST', '/v1/quizzes', 503, problem(503, 'unavailable')), undefined)
  t.ok(judge('POST', '/v1/quizzes', 409, problem(409, 'wrong-state')))
  t.ok(judge('POST', '/v1/quizzes', 403, problem(403, 'not-a-participant')))
})

t.test('messages are judged whole, by their type', async (t) => {
  const judge = createMessageJudge()
  t.equal(judge({ type: 'lobby.updated', data: { playerCount: 1, joined: ['Ada'], left: [] } }), undefined)
  t.match(judge({ type: 'lobby.updated', data: { playerCount: -1, joined: [], left: [] } }), { errors: [{}] })
  t.equal(judge({ type: 'session.locked', id: '4', data: { at: 1 } }), undefined)
  t.match(judge({ type: 'session.locked', data: { at: 1 } }), { errors: [{ keyword: 'required' }] })
  t.match(judge({ type: 'session.locked', id: 4, data: { at: 1, by: 'x' } }), {
    errors: [{ keyword: 'unevaluatedProperties' }],
  })
  t.match(judge({ type: 'unheard.of', data: {} }), { fault: String })
})

t.test('the examples of messages are as described', async (t) => {
  t.same(faultyExamples(), [])
})
