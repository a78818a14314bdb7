import t from 'tap'
import { noContent } from '../../http/reply.ts'
import { createRouter, type Method, type Route } from '../../http/router.ts'

const route = (method: Method, path: string): Route => ({ method, path, handle: noContent })
const router = createRouter([
  route('GET', '/livez'),
  route('POST', '/v1/quizzes'),
  route('POST', '/v1/quizzes/import'),
  route('GET', '/v1/quizzes/:quizId'),
  route('GET', '/v1/sessions/:sessionId'),
  route('POST', '/v1/sessions/:session/join'),
  route('DELETE', '/v1/sessions/:sessionId/players/:playerId'),
])

const paramsOf = (method: string, path: string) => {
  const match = router.match(method, path)
  return match.kind === 'found' ? match.params : match
}

t.test('paths find their route with its values', async (t) => {
  t.same(paramsOf('GET', '/livez'), {})
  t.same(paramsOf('GET', '/v1/quizzes/q1'), { quizId: 'q1' })
  t.same(paramsOf('DELETE', '/v1/sessions/s1/players/p1'), { sessionId: 's1', playerId: 'p1' })
  t.same(paramsOf('POST', '/v1/sessions/s1/join'), { session: 's1' }, 'each route has its own names')
})

t.test('values are decoded, broken ones stay as they are, empty ones are allowed', async (t) => {
  t.same(paramsOf('GET', '/v1/quizzes/a%20b%2Fc'), { quizId: 'a b/c' })
  t.same(paramsOf('GET', '/v1/quizzes/%zz'), { quizId: '%zz' })
  t.same(paramsOf('GET', '/v1/quizzes/%0d%0a'), { quizId: '\r\n' })
  t.same(paramsOf('POST', '/v1/sessions//join'), { session: '' })
})

t.test('an unknown path is not found, a known one with another method says which it has', async (t) => {
  for (const path of [
    '',
    '/',
    '/v1',
    '/v1/quizzes/',
    '/v1/quizzes/q/x',
    '/V1/quizzes',
    '/livez/',
    '/v1/sessions/s/players',
  ]) {
    const expected = path === '/v1/quizzes/' ? 'wrong-method' : 'not-found'
    t.equal(router.match('PUT', path).kind, expected, path)
  }
  t.same(router.match('PUT', '/v1/quizzes'), { kind: 'wrong-method', allow: 'POST' })
  t.same(router.match('PUT', '/livez'), { kind: 'wrong-method', allow: 'GET, HEAD' })
  t.same(router.match('HEAD', '/v1/quizzes'), { kind: 'wrong-method', allow: 'POST' })
  t.same(router.match('GET', '/v1/quizzes/import'), { kind: 'wrong-method', allow: 'POST' }, 'a literal wins')
  t.same(router.match('GET', '/constructor'), { kind: 'not-found' })
})

t.test('two routes for the same thing are a mistake', async (t) => {
  t.throws(() => createRouter([route('GET', '/a/:x'), route('GET', '/a/:y')]), /two routes/)
})

t.test('HEAD asks about what GET would send, but for streams', async (t) => {
  const stream: Route = { method: 'GET', path: '/events', stream: () => Promise.resolve() }
  const withStream = createRouter([route('GET', '/thing/:id'), stream])
  t.match(withStream.match('HEAD', '/thing/1'), { kind: 'found', params: { id: '1' }, route: { method: 'GET' } })
  t.same(withStream.match('HEAD', '/events'), { kind: 'wrong-method', allow: 'GET' })
})
