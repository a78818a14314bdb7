import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { Principal } from '#platform/tokens/token-verifier'
import { parseJoinCode } from '../../game/join-code.ts'
import type { AcceptAnswer, AcceptedAnswer, AnswerCounters } from '../answers/accept-answer.ts'
import type { Authentication } from '../auth/authentication.ts'
import { acceptedJson, noContent, ok, type Reply } from '../http/reply.ts'
import { parseJson, type Request, readJson } from '../http/request.ts'
import type { ReplyRoute } from '../http/router.ts'
import type { SessionAccess } from '../sessions/session-access.ts'
import type { SessionReplicas } from '../sessions/session-replicas.ts'
import type { Commands } from './commands.ts'
import { ANSWER_BODY_BYTES, BODY_BYTES, idempotencyKey, type RequestSchemas } from './request-schemas.ts'

interface Deps {
  readonly authentication: Authentication
  readonly schemas: RequestSchemas
  readonly commands: Commands
  readonly access: SessionAccess
  readonly replicas: Pick<SessionReplicas, 'notePlayerCount'>
  readonly acceptAnswer: AcceptAnswer
  readonly counters: AnswerCounters
}

/** What players do. */
export const playerRoutes = (deps: Deps): readonly ReplyRoute[] => [
  join(deps, '/v1/sessions/:session/join'),
  // The id left out altogether.
  join(deps, '/v1/sessions/join'),
  leave(deps),
  answers(deps),
]

const join = ({ authentication, schemas, commands, replicas }: Deps, path: string): ReplyRoute => ({
  method: 'POST',
  path,
  headers: ['idempotency-key'],
  maxBodyBytes: BODY_BYTES,
  preauthenticate: (request) => authentication.preauthenticate(request, 'session.join'),
  handle: async (request, body) => {
    const admitted = authentication.admit(request, 'session.join')
    const address = request.address()
    const caller = await admitted
    const input = readJson(request, body, schemas.join, true)
    const { session = '' } = request.params
    if (!isId(session) && parseJoinCode(session) === undefined) throw new PodiumError('session-not-found')
    const key = idempotencyKey(request)
    const joined = await commands.join(request, session, input, { origin: address, key })
    const { sessionId, playerId, token, nickname } = joined
    // Without a key a guest who never got the token could not ask for this player again: the seat and the name are given back.
    const isLost = request.isAbandoned && caller === undefined && key.idempotencyKey === undefined
    const count = isLost ? await commands.withdraw(request, token) : joined.playerCount
    // The client that asks for the state next finds the player counted.
    replicas.notePlayerCount(sessionId, count)
    return ok({ sessionId, playerId, token, nickname })
  },
})

const leave = ({ authentication, commands, access, replicas }: Deps): ReplyRoute => ({
  method: 'POST',
  path: '/v1/sessions/:sessionId/leave',
  maxBodyBytes: BODY_BYTES,
  preauthenticate: (request) => authentication.preauthenticate(request, 'player.leave'),
  handle: async (request, body) => {
    const { sessionId = '' } = request.params
    const player = await authentication.admit(request, 'player.leave')
    if (body !== '') parseJson(request, body) // nothing in it matters
    await access(player, sessionId, 'player.leave')
    replicas.notePlayerCount(sessionId, await commands.leave(request))
    return noContent()
  },
})

const answers = ({ authentication, acceptAnswer, counters }: Deps): ReplyRoute => {
  const refused = (error: unknown): never => {
    counters.refused('http', error)
    throw error
  }
  const accept = (principal: Principal, request: Request, body: string): Promise<Reply> => {
    const { sessionId = '' } = request.params
    const input = { principal, sessionId, body: () => parseJson(request, body), span: request.span }
    return acceptAnswer({ ...input, transport: 'http' }).then(acceptedAnswer, refused)
  }
  return {
    method: 'POST',
    path: '/v1/sessions/:sessionId/answers',
    maxBodyBytes: ANSWER_BODY_BYTES,
    preauthenticate: (request) => authentication.preauthenticate(request, 'answer.submit'),
    handle: (request, body) => {
      const principal = authentication.admit(request, 'answer.submit')
      return principal instanceof Promise
        ? principal.then((verified) => accept(verified, request, body))
        : accept(principal, request, body)
    },
  }
}

/** Both ids have been checked: nothing in them has a meaning in JSON. */
const acceptedAnswer = ({ answerId, questionId, receivedAt }: AcceptedAnswer): Reply =>
  acceptedJson(`{"answerId":"${answerId}","questionId":"${questionId}","receivedAt":${receivedAt}}`)
