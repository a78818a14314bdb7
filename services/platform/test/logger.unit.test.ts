import pg from 'pg'
import t from 'tap'
import { PodiumError } from '#platform/errors'
import { createLogger, scrub } from '#platform/logger'

const TOKEN = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1LTEifQ.c2lnbmF0dXJl'

const record = () => {
  const lines: string[] = []
  const logger = createLogger({
    service: 'test',
    instance: 'test',
    level: 'trace',
    destination: { write: (line) => void lines.push(line) },
  })
  return { logger, text: () => lines.join(''), last: () => JSON.parse(lines.at(-1) ?? '{}') }
}

t.test('members that hold secrets are cut out, here and one level below', async (t) => {
  const { logger, text, last } = record()
  const secrets = {
    token: 'canary',
    authorization: 'canary',
    cookie: 'canary',
    url: 'canary',
    nickname: 'canary',
    query: 'canary',
  }
  logger.info({ sessionId: 's', ...secrets, request: secrets, player: { ...secrets, name: 'canary' } }, 'here')
  logger.info(
    { req: { headers: { authorization: 'canary', cookie: 'canary', 'sec-websocket-protocol': 'canary' } } },
    'there',
  )
  logger.info({ headers: { authorization: 'canary', 'sec-websocket-protocol': 'canary' } }, 'anywhere')
  t.notMatch(text(), /canary/)
  logger.info({ sessionId: 's' }, 'said')
  t.match(last(), { sessionId: 's', msg: 'said', service: 'test' })
})

t.test('of an error the log has what helps, and nothing that a driver hangs on it', async (t) => {
  const { logger, text, last } = record()
  const unique = Object.assign(new pg.DatabaseError('duplicate key value violates "players_key"', 1, 'error'), {
    code: '23505',
    detail: 'Key (nickname_key)=(canary) already exists.',
    where: 'canary',
    parameters: ['canary'],
  })
  const redis = Object.assign(new Error('WRONGPASS'), {
    command: { name: 'hello', args: ['3', 'AUTH', 'x', 'canary'] },
  })
  logger.warn({ err: redis }, 'Redis error')
  t.match(last().err, { message: 'WRONGPASS' })
  const claims = Object.assign(new Error(`bad token ${TOKEN}`), { code: 'ERR_JWT', payload: { sub: 'canary' } })
  logger.error({ err: new PodiumError('unavailable', { cause: unique, extra: { playerId: 'canary' } }) }, 'failed')
  t.match(last().err, {
    type: 'PodiumError',
    message: /not available/,
    code: 'unavailable',
    stack: /logger\.unit\.test/,
    cause: { type: 'error', code: '23505', message: /duplicate key/ },
  })
  logger.error({ err: new Error('outer', { cause: claims }) }, 'failed')
  t.match(last().err.cause, { code: 'ERR_JWT', message: 'bad token [token]' })
  logger.error({ err: new Error('connect postgres://podium:canary@db:5432/podium') }, 'failed')
  t.match(last().err.message, 'connect postgres://podium:[secret]@db:5432/podium')
  const loop = new Error('loop')
  loop.cause = loop
  logger.error({ err: loop }, 'failed')
  for (const err of [undefined, null, 7, { canary: 'canary' }, `text ${TOKEN}`]) logger.error({ err }, 'failed')
  logger.warn({ path: `/v1/sessions/${TOKEN}/join` }, 'path')
  t.equal(last().path, '/v1/sessions/[token]/join')
  t.notMatch(text(), /canary/)
  t.notMatch(text(), TOKEN.slice(0, 20))
})

t.test('scrubbing leaves everything else alone', async (t) => {
  for (const text of ['', 'podium.v1.answer.0199-abc.3', 'http://127.0.0.1:8080/x', 'eyJ', 'a@b.example']) {
    t.equal(scrub(text), text)
  }
  t.equal(scrub(`Bearer abc.def`), 'Bearer [token]')
  t.equal(scrub(`podium.v1, bearer.${TOKEN}`), 'podium.v1, bearer.[token]')
})
