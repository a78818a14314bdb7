import fc from 'fast-check'
import { documents } from './documents.ts'
import { FRAMINGS, type Framing, type RequestSpec } from './render.ts'
import { ANSWERS, ROUTES, type Route } from './routes.ts'

const route = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...ROUTES) },
  { weight: 1, arbitrary: fc.constant(ANSWERS) },
)

const odd = fc.oneof(
  fc.constantFrom(
    '.',
    '..',
    '*',
    '>',
    '%3E',
    '%00',
    '%0d%0a',
    '%',
    '%zz',
    '',
    'x'.repeat(300),
    '%F0%9F%92%A9',
    'null',
    '%2f',
  ),
  fc.string({ minLength: 1, maxLength: 12 }).map(encodeURIComponent),
  fc
    .array(fc.constantFrom('/', '%', '.', '~', 'a', '0', ':', ';', '@', '!', '"', '<', '{', '|', '^', '`'), {
      maxLength: 12,
    })
    .map((parts) => parts.join('')),
)

const idFor = (name: string): fc.Arbitrary<string> => {
  const right =
    name === ':session'
      ? ['<session>', '<session>', '<code>', '<other-session>']
      : name === ':quiz'
        ? ['<quiz>']
        : ['<player-id>']
  return fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...right) }, { weight: 1, arbitrary: odd })
}

const path = (pattern: string): fc.Arbitrary<string> =>
  fc
    .tuple(...pattern.split('/').map((part) => (part.startsWith(':') ? idFor(part) : fc.constant(part))))
    .map((parts) => parts.join('/'))

const query = fc.oneof(
  { weight: 5, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '?',
      '?limit=1&around=me',
      '?limit=-1',
      '?limit=1e9',
      '?limit=',
      '?around=you',
      '?limit=1&limit=2',
      '?access_token=x',
    ),
  },
  { weight: 1, arbitrary: odd.map((text) => `?${text}`) },
)

const authorization = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.constantFrom(
      'Bearer <host>',
      'Bearer <player>',
      'Bearer <player>',
      'Bearer <user>',
      'Bearer <other-player>',
      'Bearer <rival>',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'Bearer',
      'Bearer ',
      'Bearer x',
      'bearer <host>',
      'Basic eDp4',
      'Bearer <host> <host>',
      'Bearer <host>x',
      'Bearer a.b.c',
      'Bearer eyJhbGciOiJub25lIn0.e30.',
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
)

/** No control characters: what breaks the head as a whole is for those who write bytes. */
const headerText = fc.string({ maxLength: 40 })

const extraHeader = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      'Last-Event-ID',
      'traceparent',
      'Origin',
      'X-Forwarded-For',
      'Accept',
      'Cookie',
      'Range',
      'If-None-Match',
      'Sec-WebSocket-Protocol',
      'Sec-WebSocket-Key',
      'Sec-WebSocket-Extensions',
      'Accept-Encoding',
      'Content-Encoding',
      'X-HTTP-Method-Override',
      'Forwarded',
      'tracestate',
      'Host',
    ),
    fc.oneof(
      headerText,
      fc.constantFrom(
        '-1',
        '1',
        '9223372036854775808',
        '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
        'https://evil.example',
        '127.0.0.1, ::1',
        'text/csv',
        'podium.v1, bearer.<player>',
        'permessage-deflate; client_max_window_bits',
        'null',
        '*',
      ),
    ),
  ),
  fc.constantFrom(
    ['Upgrade', 'websocket'] as const,
    ['Connection', 'Upgrade'] as const,
    ['Connection', 'close'] as const,
    ['Sec-WebSocket-Version', '13'] as const,
    ['Expect', '100-continue'] as const,
  ),
)

const contentType = fc.oneof(
  { weight: 8, arbitrary: fc.constant('application/json') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'text/plain',
      'application/json; charset=utf-16',
      'application/jsonp',
      '',
      'multipart/form-data',
    ),
  },
)

const framing: fc.Arbitrary<Framing> = fc.oneof(
  { weight: 8, arbitrary: fc.constant('length' as const) },
  { weight: 2, arbitrary: fc.constant('chunked' as const) },
  { weight: 1, arbitrary: fc.constantFrom(...FRAMINGS) },
)

const spec = ([method, pattern, body]: Route): fc.Arbitrary<RequestSpec> =>
  fc.record({
    method: fc.oneof(
      { weight: 12, arbitrary: fc.constant(method) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'BREW', 'get'),
      },
    ),
    target: fc.tuple(path(pattern), query).map((parts) => parts.join('')),
    headers: fc
      .tuple(fc.option(authorization, { freq: 12 }), contentType, fc.array(extraHeader, { maxLength: 3 }))
      .map(([auth, type, extra]) => [
        ...(auth === null ? [] : [['Authorization', auth] as const]),
        ['Content-Type', type] as const,
        ...extra,
      ]),
    body: documents[body],
    framing,
  })

export const requests: fc.Arbitrary<RequestSpec> = route.chain(spec)
