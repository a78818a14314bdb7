import type { Authentication } from '../auth/authentication.ts'
import { ok } from '../http/reply.ts'
import type { ReplyRoute } from '../http/router.ts'
import type { QueryLeaderboard } from '../streams/queries.ts'
import type { RequestSchemas } from './request-schemas.ts'

const DEFAULT_LIMIT = 10

export interface BoardRouteDeps {
  readonly authentication: Authentication
  readonly queryBoard: QueryLeaderboard
  readonly schemas: RequestSchemas
}

export const createBoardRoute = ({ authentication, queryBoard, schemas }: BoardRouteDeps): ReplyRoute => ({
  method: 'GET',
  path: '/v1/sessions/:sessionId/leaderboard',
  wantsAddress: true,
  handle: async (request) => {
    const principal = await authentication.admit(request, 'board.read')
    const { limit = DEFAULT_LIMIT, around } = schemas.leaderboard(request.query)
    const { sessionId = '' } = request.params
    return ok(await queryBoard({ principal, sessionId, limit, isAroundMe: around === 'me' }))
  },
})
