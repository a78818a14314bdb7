import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from 'jose'
import { PLAYER_TOKEN_TYPE } from '#platform/contract/tokens'
import { openWebSocket } from '../raw-websocket.ts'
import type { Target } from '../target.ts'
import { attacksOf, head, openGame, outcome, send } from './attack.ts'
import { encode, NOW, playerClaims, readKey, sign, userClaims } from './forgery.ts'

const QUIZ = { title: 'Quiz', questions: [{ kind: 'true_false', prompt: 'Is it?', correct: true }] }

/** What a host's request gets with this token. */
const asHost = async (target: Target, token: string): Promise<string> =>
  outcome(await target.http('POST', '/v1/quizzes', { token, body: QUIZ }))

/** What a player's answer gets with this token. */
const asPlayer = async (target: Target, token: string): Promise<string> => {
  const { game, questionId } = await openGame(target)
  return outcome(await game.answer(token, { questionId, choice: 0 }))
}

const UNAUTHORIZED = '401 unauthorized'

export const tokenAttacks = attacksOf('Tokens', [
  ['none at all', UNAUTHORIZED, async (target) => outcome(await target.http('POST', '/v1/quizzes', { body: {} }))],
  [
    'alg none',
    UNAUTHORIZED,
    (target) => asHost(target, `${encode({ alg: 'none', typ: 'JWT' })}.${encode(userClaims())}.`),
  ],
  [
    'HS256 with the public key as its secret',
    UNAUTHORIZED,
    async (target) => {
      const jwk = await readKey(target, 'user')
      const pem = createPublicKey({
        key: { kty: jwk.kty, crv: jwk.crv, x: jwk.x } as JsonWebKey,
        format: 'jwk',
      }).export({
        type: 'spki',
        format: 'pem',
      })
      const unsigned = `${encode({ alg: 'HS256', typ: 'JWT', kid: jwk.kid })}.${encode(userClaims())}`
      return asHost(target, `${unsigned}.${createHmac('sha256', pem).update(unsigned).digest('base64url')}`)
    },
  ],
  [
    'its own key in the header',
    UNAUTHORIZED,
    async (target) => {
      const own = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
      const header = { alg: 'EdDSA', typ: 'JWT', jwk: await exportJWK(own.publicKey) }
      return asHost(
        target,
        await new SignJWT(userClaims()).setProtectedHeader(header as JWTHeaderParameters).sign(own.privateKey),
      )
    },
  ],
  [
    'a kid with a path',
    UNAUTHORIZED,
    async (target) => asHost(target, await sign(target, 'user', userClaims(), { kid: '../../../../dev/null' })),
  ],
  [
    'a jku of another server',
    UNAUTHORIZED,
    async (target) =>
      asHost(target, await sign(target, 'user', userClaims(), { kid: 'x', jku: 'http://127.0.0.1:1/keys' })),
  ],
  [
    'another aud',
    UNAUTHORIZED,
    async (target) => asHost(target, await sign(target, 'user', { ...userClaims(), aud: 'other' })),
  ],
  [
    'another iss',
    UNAUTHORIZED,
    async (target) => asHost(target, await sign(target, 'user', { ...userClaims(), iss: 'https://evil.example' })),
  ],
  [
    'a user token of typ player',
    UNAUTHORIZED,
    async (target) => asHost(target, await sign(target, 'user', userClaims(), { typ: PLAYER_TOKEN_TYPE })),
  ],
  [
    'a player token signed with the key for users',
    UNAUTHORIZED,
    async (target) => {
      const { game } = await openGame(target)
      return asPlayer(target, await sign(target, 'user', playerClaims(game.sessionId), { typ: PLAYER_TOKEN_TYPE }))
    },
  ],
  [
    'a user token signed with the key for players',
    UNAUTHORIZED,
    async (target) => asHost(target, await sign(target, 'player', userClaims(), { typ: 'JWT' })),
  ],
  [
    'exp as text',
    UNAUTHORIZED,
    async (target) => asHost(target, await sign(target, 'user', { ...userClaims(), exp: `${NOW() + 600}` as never })),
  ],
  [
    'no exp',
    UNAUTHORIZED,
    async (target) => {
      const { exp: _, ...claims } = userClaims()
      return asHost(target, await sign(target, 'user', claims))
    },
  ],
  [
    'expired',
    UNAUTHORIZED,
    async (target) => asHost(target, await sign(target, 'user', { ...userClaims(), exp: NOW() - 60 })),
  ],
  [
    'roles as text',
    '403 forbidden',
    async (target) => asHost(target, await sign(target, 'user', { ...userClaims(), roles: 'host' })),
  ],
  [
    'one of 3 kB',
    UNAUTHORIZED,
    async (target) => asHost(target, await sign(target, 'user', { ...userClaims(), filler: 'x'.repeat(2_000) })),
  ],
  [
    'one of 100 kB',
    '431, closed',
    async (target) => {
      const token = await sign(target, 'user', { ...userClaims(), filler: 'x'.repeat(75_000) })
      return send(target, head('GET /v1/quizzes/x HTTP/1.1', `Authorization: Bearer ${token}`))
    },
  ],
  [
    'in the URL',
    '400 malformed',
    async (target) => {
      const { game } = await openGame(target)
      return outcome(await target.http('GET', `/v1/sessions/${game.sessionId}?access_token=${game.hostToken}`))
    },
  ],
  [
    'a player’s for a host’s work',
    '403 forbidden',
    async (target) => {
      const { game } = await openGame(target)
      return asHost(target, (await game.join()).token)
    },
  ],
  [
    'of a player of another session',
    '403 not-a-participant',
    async (target) => asPlayer(target, (await (await target.game()).join()).token),
  ],
  [
    'of a removed player',
    UNAUTHORIZED,
    async (target) => {
      const { game } = await openGame(target)
      const { token, playerId } = await game.join()
      await target.http('DELETE', `/v1/sessions/${game.sessionId}/players/${playerId}`, { token: game.hostToken })
      return asPlayer(target, token)
    },
  ],
  [
    'of a removed player, on an open stream',
    'close 4503',
    async (target) => {
      const { game } = await openGame(target)
      const { token, playerId } = await game.join()
      const socket = await openWebSocket({ port: target.port, path: `/v1/sessions/${game.sessionId}/ws`, token })
      await target.http('DELETE', `/v1/sessions/${game.sessionId}/players/${playerId}`, { token: game.hostToken })
      return `close ${await socket.closed}`
    },
  ],
])
