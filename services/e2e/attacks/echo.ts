import { attacksOf, head, JSON_TYPE, openGame, send } from './attack.ts'

const INJECTION = '%0d%0aset-cookie:%20a=b'
const RAW_INJECTION = '\r\nset-cookie: a=b'

/** Every place whose text comes back in a response; what comes back must not be a header of its own. */
export const echoAttacks = attacksOf('Echo of CR LF', [
  ['in a path', '404 not-found', (target) => send(target, head(`GET /${INJECTION} HTTP/1.1`))],
  [
    'in a session id',
    '404 not-found',
    async (target) => {
      const token = await target.token('Echo', ['host'])
      return send(target, head(`GET /v1/sessions/${INJECTION} HTTP/1.1`, `Authorization: Bearer ${token}`))
    },
  ],
  ['in a query', '200', (target) => send(target, head(`GET /v1/time?${INJECTION} HTTP/1.1`))],
  [
    'in traceparent',
    '404 not-found',
    (target) => send(target, head('GET /x HTTP/1.1', `traceparent: 00-${INJECTION}`)),
  ],
  [
    'in Origin',
    '200',
    (target) => send(target, head('GET /v1/time HTTP/1.1', `Origin: https://a.example${INJECTION}`)),
  ],
  [
    'in a preflight',
    '404 not-found',
    (target) =>
      send(
        target,
        head(
          'OPTIONS /x HTTP/1.1',
          `Origin: https://a.example${INJECTION}`,
          `Access-Control-Request-Method: GET${INJECTION}`,
        ),
      ),
  ],
  [
    'in a subprotocol',
    '401 unauthorized',
    (target) =>
      send(
        target,
        head(
          'GET /v1/sessions/x/ws HTTP/1.1',
          'Upgrade: websocket',
          'Connection: Upgrade',
          'Sec-WebSocket-Version: 13',
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
          `Sec-WebSocket-Protocol: podium.v1, x${INJECTION}`,
        ),
      ),
  ],
  [
    'in an answerId',
    '400 malformed',
    async (target) => {
      const { answersPath, game, questionId } = await openGame(target)
      const { token } = await game.join()
      const body = JSON.stringify({ answerId: `a${RAW_INJECTION}`, questionId, choice: 0 })
      const request = head(
        `POST ${answersPath} HTTP/1.1`,
        `Authorization: Bearer ${token}`,
        JSON_TYPE,
        `Content-Length: ${body.length}`,
      )
      return send(target, request + body)
    },
  ],
  [
    'in a nickname',
    '400 nickname-invalid',
    async (target) => {
      const { game } = await openGame(target)
      const token = await target.token('Injector')
      const body = JSON.stringify({ nickname: `a${RAW_INJECTION}` })
      const line = `POST /v1/sessions/${game.sessionId}/join HTTP/1.1`
      return send(
        target,
        head(line, `Authorization: Bearer ${token}`, JSON_TYPE, `Content-Length: ${body.length}`) + body,
      )
    },
  ],
])
