import { setTimeout as sleep } from 'node:timers/promises'
import { openRaw } from '../raw-connection.ts'
import type { Target } from '../target.ts'
import { attacksOf, describe, head, JSON_TYPE, openGame, send } from './attack.ts'

/** Requests that are no HTTP, or nearly: what a proxy in front could understand differently. */

const CHUNKED = 'Transfer-Encoding: chunked'

/** A POST that would be read to its end. */
const post = async (target: Target, headers: readonly string[], body: string | Buffer): Promise<string> => {
  const token = await target.token('Framer', ['host'])
  const text = head('POST /v1/quizzes HTTP/1.1', `Authorization: Bearer ${token}`, JSON_TYPE, ...headers)
  return send(target, Buffer.concat([Buffer.from(text, 'latin1'), Buffer.from(body)]))
}

const get = (target: Target, ...headers: readonly string[]): Promise<string> =>
  send(target, Buffer.from(head('GET /v1/time HTTP/1.1', ...headers), 'latin1'))

/** Without the response before it: a reset may discard that. */
const fateOf = async (what: Promise<string>): Promise<string> => ((await what).endsWith('closed') ? 'closed' : what)

/** Says something every second, until the edge has enough; 20 s at the most. */
const drip = async (target: Target, first: string, byte: string): Promise<string> => {
  const connection = await openRaw(target.port)
  const began = performance.now()
  connection.write(first)
  while (!connection.isClosed() && performance.now() - began < 20_000) {
    await Promise.race([sleep(1_000), connection.closed])
    connection.write(byte)
  }
  const what = describe(connection)
  connection.destroy()
  return `${what} within 15 s: ${performance.now() - began < 15_000}`
}

export const framingAttacks = attacksOf('HTTP framing', [
  [
    'Content-Length and Transfer-Encoding',
    '400, closed',
    (target) => post(target, ['Content-Length: 2', CHUNKED], '0\r\n\r\n'),
  ],
  [
    'Transfer-Encoding and Content-Length',
    '400, closed',
    (target) => post(target, [CHUNKED, 'Content-Length: 2'], '0\r\n\r\n'),
  ],
  ['Transfer-Encoding twice', '400 malformed, closed', (target) => post(target, [CHUNKED, CHUNKED], '0\r\n\r\n')],
  [
    'Transfer-Encoding: identity, chunked',
    '400 malformed, closed',
    (target) => post(target, ['Transfer-Encoding: identity, chunked'], '0\r\n\r\n'),
  ],
  [
    'Transfer-Encoding with a vertical tab',
    '400, closed',
    (target) => post(target, ['Transfer-Encoding: \x0bchunked'], '0\r\n\r\n'),
  ],
  [
    'two Content-Lengths that differ',
    '400 malformed, closed',
    (target) => post(target, ['Content-Length: 2', 'Content-Length: 40'], '{}'),
  ],
  [
    'two Content-Lengths that agree',
    '400 malformed, closed',
    (target) => post(target, ['Content-Length: 2', 'Content-Length: 2'], '{}'),
  ],
  ['Content-Length: 2, 40', '400, closed', (target) => post(target, ['Content-Length: 2, 40'], '{}')],
  [
    'Content-Length of 19 digits',
    '400, closed',
    (target) => post(target, ['Content-Length: 9999999999999999999'], '{}'),
  ],
  ['negative Content-Length', '400, closed', (target) => post(target, ['Content-Length: -1'], '{}')],
  ['Content-Length: +2', '400, closed', (target) => post(target, ['Content-Length: +2'], '{}')],
  ['Content-Length: 0x2', '400, closed', (target) => post(target, ['Content-Length: 0x2'], '{}')],
  ['Content-Length: 1e3', '400, closed', (target) => post(target, ['Content-Length: 1e3'], '{}')],
  ['empty Content-Length', '400 malformed, closed', (target) => post(target, ['Content-Length: '], '{}')],
  ['chunk size that is no number', '400, closed', (target) => post(target, [CHUNKED], 'zz\r\n{}\r\n0\r\n\r\n')],
  ['negative chunk size', '400, closed', (target) => post(target, [CHUNKED], '-2\r\n{}\r\n0\r\n\r\n')],
  ['chunk size over 2^64', '400, closed', (target) => post(target, [CHUNKED], '10000000000000002\r\n{}\r\n0\r\n\r\n')],
  ['chunk longer than it says', '400 malformed', (target) => post(target, [CHUNKED], '1\r\n{}\r\n0\r\n\r\n')],
  ['4,097 bytes of a header', '431, closed', (target) => get(target, `X-Long: ${'a'.repeat(4_097)}`)],
  ['200 headers', '431, closed', (target) => get(target, ...Array.from({ length: 200 }, (_, n) => `X-${n}: 1`))],
  ['8,000 bytes of path', '431, closed', (target) => send(target, head(`GET /${'a'.repeat(8_000)} HTTP/1.1`))],
  ['NUL in a header', '400, closed', (target) => get(target, 'X-A: a\0b')],
  ['NUL in a header’s name', '400, closed', (target) => get(target, 'X-\0A: a')],
  ['a lone LF in a header', '400, closed', (target) => get(target, 'X-A: a\nContent-Length: 5')],
  ['a lone CR in a header', 'no answer', (target) => get(target, 'X-A: a\rContent-Length: 5')],
  ['a folded header', '400, closed', (target) => get(target, 'X-A: a', ' b')],
  ['a space before the colon', '400, closed', (target) => get(target, 'Content-Length : 5')],
  ['a header without a name', '200', (target) => get(target, ': a')],
  ['no Host', '400, closed', (target) => send(target, 'GET /v1/time HTTP/1.1\r\n\r\n')],
  ['HTTP/1.0', '505, closed', (target) => send(target, 'GET /v1/time HTTP/1.0\r\nHost: podium\r\n\r\n')],
  ['HTTP/2 without asking', '505, closed', (target) => send(target, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
  ['TLS on the plain port', '505, closed', (target) => send(target, Buffer.from('16030100a5010000a10303', 'hex'))],
  ['no HTTP at all', '505, closed', (target) => send(target, '\0\x01\x02\r\n\r\n')],
  ['an invented method', '405 method-not-allowed', (target) => send(target, head('BREW /v1/time HTTP/1.1'))],
  ['a method in lower case', '405 method-not-allowed', (target) => send(target, head('get /v1/time HTTP/1.1'))],
  ['CONNECT', '505, closed', (target) => send(target, head('CONNECT example.com:443 HTTP/1.1'))],
  [
    'an absolute URL of another host',
    '505, closed',
    (target) => send(target, head('GET http://example.com/v1/time HTTP/1.1')),
  ],
  [
    'a body of 10 MB that says it is one of 2 bytes',
    'closed',
    (target) =>
      fateOf(post(target, ['Content-Length: 2'], Buffer.concat([Buffer.from('{}'), Buffer.alloc(10_000_000, 0x78)]))),
  ],
  [
    'a body of 10 MB',
    'closed',
    (target) => fateOf(post(target, ['Content-Length: 10000000'], Buffer.alloc(10_000_000, 0x78))),
  ],
  [
    'a request hidden in the body of another',
    '400 malformed',
    (target) => {
      const hidden = head('GET /v1/nothing HTTP/1.1')
      return post(target, [`Content-Length: ${hidden.length}`], hidden)
    },
  ],
  ['half a request, then silence from us only', 'no answer', (target) => send(target, 'GET /v1/time HT')],
  [
    'a hundred requests at once on one connection',
    '200',
    async (target) => {
      const { game } = await openGame(target)
      const request = head(`GET /v1/sessions/${game.sessionId} HTTP/1.1`, `Authorization: Bearer ${game.hostToken}`)
      return send(target, request.repeat(100))
    },
  ],
])

export const slowAttacks = attacksOf(
  'HTTP framing',
  [
    [
      'one byte of the head a second',
      'closed within 15 s: true',
      (target) => drip(target, 'GET /v1/time HTTP/1.1\r\nHost: podium\r\n', 'X'),
    ],
    [
      'one byte of the body a second',
      'closed within 15 s: true',
      async (target) => {
        const token = await target.token('Slow', ['host'])
        const first = head(
          'POST /v1/quizzes HTTP/1.1',
          `Authorization: Bearer ${token}`,
          JSON_TYPE,
          'Content-Length: 4000',
        )
        return drip(target, first, 'x')
      },
    ],
    ['a connection that says nothing', 'closed within 15 s: true', (target) => drip(target, '', '')],
  ],
  true,
)

const INJECTION = '%0d%0aset-cookie:%20a=b'
const UPGRADE = [
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  `Sec-WebSocket-Key: ${'A'.repeat(22)}==`,
]

/** Places whose text comes back in a response; it must not become a header of its own. */
export const echoAttacks = attacksOf('Echo of CR LF', [
  ['in a query', '200', (target) => send(target, head(`GET /v1/time?${INJECTION} HTTP/1.1`))],
  [
    'in a session id',
    '404 not-found',
    async (target) => {
      const token = await target.token('Echo', ['host'])
      return send(target, head(`GET /v1/sessions/${INJECTION} HTTP/1.1`, `Authorization: Bearer ${token}`))
    },
  ],
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
    (target) => {
      const origin = `Origin: https://a.example${INJECTION}`
      return send(target, head('OPTIONS /x HTTP/1.1', origin, `Access-Control-Request-Method: GET${INJECTION}`))
    },
  ],
  [
    'in a subprotocol',
    '401 unauthorized',
    (target) => {
      const line = 'GET /v1/sessions/x/ws HTTP/1.1'
      return send(target, head(line, ...UPGRADE, `Sec-WebSocket-Protocol: podium.v1, x${INJECTION}`))
    },
  ],
])
