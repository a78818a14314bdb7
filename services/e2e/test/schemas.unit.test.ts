import t from 'tap'
import { createMessageJudge, createResponseJudge } from './support/schemas.ts'

t.test('responses are judged by their operation and status, all others as problems', async (t) => {
  const judge = createResponseJudge()
  const quizId = '0199aaaa-0000-7000-8000-000000000000'
  t.equal(judge('POST', '/v1/quizzes', 201, { quizId }), undefined)
  t.match(judge('POST', '/v1/quizzes', 201, { id: quizId }), { errors: [{ keyword: 'required' }] })
  t.match(judge('GET', '/v1/time?x=1', 200, { now: 'soon' }), { errors: [{ keyword: 'type' }] })
  t.match(judge('POST', `/v1/sessions/${quizId}/join`, 200, {}), { errors: [{ keyword: 'required' }] })
  t.match(judge('GET', '/v1/nothing', 404, { code: 'not-found' }), { errors: [{ keyword: 'required' }] })
})

t.test('messages are judged by their type', async (t) => {
  const judge = createMessageJudge()
  t.equal(judge({ type: 'lobby.updated', data: { playerCount: 1, joined: ['Ada'], left: [] } }), undefined)
  t.match(judge({ type: 'lobby.updated', data: { playerCount: -1, joined: [], left: [] } }), { errors: [{}] })
  t.match(judge({ type: 'question.opened', data: { correct: 1 } }), { type: 'question.opened' })
  t.match(judge({ type: 'unheard.of', data: {} }), { fault: String })
})
