import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { quizOf } from '../../client/testing/game.ts'
import { createHttp } from './support/http.ts'
import { startPodium } from './support/podium.ts'

/**
 * The whole table of who may do what: every operation of the API by every kind of caller. `ok` = let in (whatever the state of
 * the session then says to it); otherwise status and code of the refusal.
 */
const ACTORS = [
  'anonymous',
  'forger',
  'user',
  'rival',
  'host',
  'display',
  'player',
  'replaced',
  'removed',
  'foreign',
] as const
type Actor = (typeof ACTORS)[number]

const NO_TOKEN = '401 unauthorized'
const FORBIDDEN = '403 forbidden'
const NOT_FOUND = '404 not-found'
const NO_PLAYER = '403 not-a-participant'

const withoutToken = { anonymous: NO_TOKEN, forger: NO_TOKEN }
const tokensOfPlayers = (refusal: string) => ({
  player: refusal,
  replaced: refusal,
  removed: refusal,
  foreign: refusal,
})

/** What needs the role of a host. */
const HOSTS = {
  ...withoutToken,
  user: FORBIDDEN,
  rival: 'ok',
  host: 'ok',
  display: FORBIDDEN,
  ...tokensOfPlayers(FORBIDDEN),
}
/** What needs to be the host of this very quiz or session. */
const ITS_HOST = { ...HOSTS, rival: NOT_FOUND }
/** What users, who are hosts or not, have of their own. */
const USERS = { ...HOSTS, user: 'ok' }
/** What the host, the players and the displays of this very session may see. */
const MEMBERS = {
  ...withoutToken,
  user: NOT_FOUND,
  rival: NOT_FOUND,
  host: 'ok',
  display: 'ok',
  player: 'ok',
  replaced: NO_TOKEN,
  removed: NO_TOKEN,
  foreign: NOT_FOUND,
}

/** What is for the players of this very session. */
const PLAYERS = { ...MEMBERS, user: FORBIDDEN, rival: FORBIDDEN, host: FORBIDDEN, display: FORBIDDEN }

type Row = Readonly<Record<Actor, string>>

const TABLE: Readonly<Record<string, Row>> = {
  'GET /v1/quizzes': HOSTS,
  'POST /v1/quizzes': HOSTS,
  'POST /v1/quizzes/import': HOSTS,
  'GET /v1/quizzes/{quizId}': ITS_HOST,
  'GET /v1/quizzes/{quizId}/export': ITS_HOST,
  'POST /v1/quizzes/{quizId}/copy': ITS_HOST,
  'PUT /v1/quizzes/{quizId}': ITS_HOST,
  'POST /v1/sessions': ITS_HOST,
  'GET /v1/sessions': HOSTS,
  'GET /v1/sessions/{id}': MEMBERS,
  'GET /v1/sessions/{id}/leaderboard': MEMBERS,
  'GET /v1/sessions/{id}/events': MEMBERS,
  // A browser cannot see the status of a refused upgrade: the code that it is closed with gives the reason.
  'GET /v1/sessions/{id}/ws': { ...MEMBERS, replaced: 'ok' },
  'GET /v1/sessions/{id}/results': ITS_HOST,
  'GET /v1/sessions/{id}/results/me': PLAYERS,
  'GET /v1/me/results': USERS,
  'GET /v1/me/mistakes': USERS,
  'GET /v1/sessions/{id}/players': ITS_HOST,
  'POST /v1/sessions/{id}/displays': ITS_HOST,
  'POST /v1/sessions/{id}/answers': {
    ...MEMBERS,
    user: NO_PLAYER,
    rival: NO_PLAYER,
    host: NO_PLAYER,
    display: FORBIDDEN,
    foreign: NO_PLAYER,
  },
  'POST /v1/sessions/{id}/leave': PLAYERS,
  'DELETE /v1/sessions/{id}/players/{playerId}': ITS_HOST,
  'POST /v1/sessions/{id}/players/remove': ITS_HOST,
  'POST /v1/sessions/{id}/{command}': ITS_HOST,
  // Hosts are users, too. Without a token only where the session takes guests.
  'POST /v1/sessions/{id}/join': {
    ...withoutToken,
    user: 'ok',
    rival: 'ok',
    host: 'ok',
    display: FORBIDDEN,
    ...tokensOfPlayers(FORBIDDEN),
    // It names a player who is there: to come back as this player needs `resume`.
    player: 'ok',
    replaced: 'ok',
  },
  // The last one: the quiz is gone then.
  'DELETE /v1/quizzes/{quizId}': ITS_HOST,
}

const OPEN_TO_ALL = [
  'GET /v1/join/{joinCode}',
  'GET /openapi.yaml',
  'GET /asyncapi.yaml',
  'GET /docs',
  'GET /v1/time',
  'GET /livez',
  'GET /readyz',
]

t.test('who may do what', async (t) => {
  const podium = await startPodium(t, { env: { RATE_COMMANDS: '100000/10000' } })
  const http = createHttp(podium.edgeUrl)
  const host = await podium.token('Host', ['host'])
  const quizId: string = (await http('POST', '/v1/quizzes', { token: host, body: quizOf(1) })).body.quizId
  const newSession = async (token = host, quiz = quizId) => {
    const settings = { advance: 'manual', startDelaySeconds: 60 }
    return (await http('POST', '/v1/sessions', { token, body: { quizId: quiz, settings } })).body.sessionId as string
  }
  const sessionId = await newSession()
  const elsewhere = await newSession()
  const join = async (name: string, session = sessionId, body?: object) =>
    (await http('POST', `/v1/sessions/${session}/join`, { token: await podium.token(name), body })).body

  const removed = await join('Rita')
  const replaced = await join('Ben')
  await join('Ben', sessionId, { resume: true })
  await http('DELETE', `/v1/sessions/${sessionId}/players/${removed.playerId}`, { token: host })
  const tokens: Readonly<Record<Actor, string | undefined>> = {
    anonymous: undefined,
    forger: `${host.slice(0, -6)}AAAAAA`,
    user: await podium.token('Uma'),
    rival: await podium.token('Rival', ['host']),
    host,
    display: (await http('POST', `/v1/sessions/${sessionId}/displays`, { token: host })).body.token,
    player: (await join('Ada')).token,
    replaced: replaced.token,
    removed: removed.token,
    foreign: (await join('Eve', elsewhere)).token,
  }

  const bodies: Readonly<Record<string, object>> = {
    'POST /v1/quizzes': quizOf(1),
    'PUT /v1/quizzes/{quizId}': quizOf(1),
    'POST /v1/quizzes/import': { format: 'gift', title: 'x', content: 'Right? {T}' },
    'POST /v1/sessions': { quizId },
    'POST /v1/sessions/{id}/join': {},
    'POST /v1/sessions/{id}/players/remove': { playerIds: [removed.playerId] },
    'POST /v1/sessions/{id}/answers': { answerId: 'a', questionId: randomUUID(), choice: 0 },
  }

  /** `ok`, or status and code of a refusal that has to do with who asks. */
  const outcome = async (operation: string, path: string, token: string | undefined): Promise<string> => {
    const [method = ''] = operation.split(' ')
    if (path.endsWith('/events') || path.endsWith('/ws')) return streamOutcome(path, token)
    const { status, body } = await http(method, path, { token, body: bodies[operation] })
    return [401, 403, 404].includes(status) ? `${status} ${body.code}` : 'ok'
  }

  const streamOutcome = async (path: string, token: string | undefined): Promise<string> => {
    const stop = new AbortController()
    const upgrade = path.endsWith('/ws') && {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }
    if (upgrade !== false) return rawUpgrade(podium.edgeUrl, path, { ...upgrade, ...(token && bearer(token)) })
    const response = await fetch(`${podium.edgeUrl}${path}`, {
      headers: token ? bearer(token) : {},
      signal: stop.signal,
    })
    const refusal = response.ok ? undefined : ((await response.json()) as { code: string })
    stop.abort()
    return refusal === undefined ? 'ok' : `${response.status} ${refusal.code}`
  }

  await t.test('the table has every operation of the API', async (t) => {
    const openApi = parse(readFileSync(new URL('../../../proto/openapi.yaml', import.meta.url), 'utf8'))
    const operations = Object.entries<object>(openApi.paths).flatMap(([path, methods]) =>
      Object.keys(methods)
        .filter((method) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
        .map((method) => `${method.toUpperCase()} ${path}`),
    )
    t.same(operations.toSorted(), [...Object.keys(TABLE), ...OPEN_TO_ALL].toSorted())
  })

  const COMMANDS = ['start', 'next', 'close', 'pause', 'resume', 'lock', 'unlock', 'end', 'cancel']
  for (const [operation, row] of Object.entries(TABLE)) {
    await t.test(operation, async (t) => {
      for (const command of operation.includes('{command}') ? COMMANDS : ['']) {
        const path = (operation.split(' ')[1] ?? '')
          .replace('{quizId}', quizId)
          .replace('{playerId}', removed.playerId)
          .replace('{command}', command)
        for (const actor of ACTORS) {
          // What changes the session for good is done to one of its own by those who may.
          const own =
            row[actor] === 'ok' && ['POST', 'DELETE'].includes(operation.split(' ')[0] ?? '') && actor === 'host'
          const id = own && !path.includes('/players/') ? await newSession() : sessionId
          t.equal(await outcome(operation, path.replace('{id}', id), tokens[actor]), row[actor], `${actor} ${command}`)
        }
      }
    })
  }

  await t.test('the rest is open to all callers', async (t) => {
    const { joinCode } = (await http('GET', '/v1/sessions', { token: host })).body.items[0]
    for (const operation of OPEN_TO_ALL) {
      const path = (operation.split(' ')[1] ?? '').replace('{joinCode}', joinCode)
      t.equal((await fetch(`${podium.edgeUrl}${path}`)).status, 200, operation)
    }
    t.match(await http('GET', '/v1/join/222222'), { status: 404, body: { code: 'session-not-found' } })
  })

  await t.test('what does not exist and what another user owns get the same answer', async (t) => {
    const rival = tokens.rival
    for (const path of ['', '/leaderboard', '/results', '/events']) {
      const [other, none] = await Promise.all(
        [sessionId, randomUUID()].map((id) => http('GET', `/v1/sessions/${id}${path}`, { token: rival })),
      )
      const { instance: _, traceId: __, ...foreign } = other?.body ?? {}
      const { instance: ___, traceId: ____, ...missing } = none?.body ?? {}
      t.same(foreign, missing, path)
    }
  })
})

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

const rawUpgrade = async (url: string, path: string, headers: Record<string, string>): Promise<string> => {
  const { request } = await import('node:http')
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, { headers })
    asked.on('upgrade', (_, socket) => {
      socket.destroy()
      resolve('ok')
    })
    asked.on('response', (response) => {
      let text = ''
      response.on('data', (data) => {
        text += data
      })
      response.on('end', () => resolve(`${response.statusCode} ${JSON.parse(text).code}`))
    })
    asked.on('error', reject)
    asked.end()
  })
}
