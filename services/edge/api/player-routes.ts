import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { AcceptAnswer, AcceptedAnswer } from '../answers/accept-answer.ts'
import type { AnswerTally } from '../answers/answer-tally.ts'
import type { Authentication } from '../auth/authentication.ts'
import { parseJson, readJson } from '../http/json-body.ts'
import { acceptedJson, noContent, ok, type Reply } from '../http/reply.ts'
import type { Request } from '../http/request.ts'
import type { ReplyRoute, Route } from '../http/router.ts'
import type { Commands, Principal } from '../ports.ts'
import type { SessionAccess } from '../sessions/session-access.ts'
import { ANSWER_BODY_BYTES, BODY_BYTES } from './body-limits.ts'
import type { RequestSchemas } from './request-schemas.ts'

export interface PlayerRoutesDeps {
  readonly authentication: Authentication
  readonly schemas: RequestSchemas
  readonly commands: Commands
  readonly access: SessionAccess
  readonly acceptAnswer: AcceptAnswer
  readonly tally: Pick<AnswerTally, 'refused'>
}

/** What players do. */
export const playerRoutes = (deps: PlayerRoutesDeps): readonly Route[] => [
  join(deps, '/v1/sessions/:session/join'),
  // The id left out altogether.
  join(deps, '/v1/sessions/join'),
  leave(deps),
  answers(deps),
]

/** As made by `session`, in either case. */
const JOIN_CODE = /^[2-9A-HJ-NP-Za-hj-np-z]{6}$/

const join = ({ authentication, schemas, commands }: PlayerRoutesDeps, path: string): ReplyRoute => ({
  method: 'POST',
  path,
  wantsAddress: true,
  maxBodyBytes: BODY_BYTES,
  preauthenticate: (request) => authentication.preauthenticate(request, 'session.join'),
  handle: async (request, body) => {
    const actor = await authentication.admit(request, 'session.join')
    const input = readJson(request, body, schemas.join, true)
    const { session = '' } = request.params
    if (!isId(session) && !JOIN_CODE.test(session)) throw new PodiumError('session-not-found')
    const joined = await commands.on(request).join(actor, session, input, request.address)
    const { sessionId, playerId, token, nickname } = joined
    return ok({ sessionId, playerId, token, nickname })
  },
})

const leave = ({ authentication, commands, access }: PlayerRoutesDeps): ReplyRoute => ({
  method: 'POST',
  path: '/v1/sessions/:sessionId/leave',
  wantsAddress: true,
  maxBodyBytes: BODY_BYTES,
  preauthenticate: (request) => authentication.preauthenticate(request, 'player.leave'),
  handle: async (request) => {
    const { sessionId = '' } = request.params
    const player = await authentication.admit(request, 'player.leave')
    await access(player, sessionId, 'player.leave')
    await commands.on(request).leave(player)
    return noContent()
  },
})

const answers = ({ authentication, acceptAnswer, tally }: PlayerRoutesDeps): ReplyRoute => {
  const refused = (error: unknown): never => {
    tally.refused('http', error)
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
