import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { Authentication } from '../auth/authentication.ts'
import { ok } from '../http/reply.ts'
import type { ReplyRoute } from '../http/router.ts'
import type { SessionAccess } from '../sessions/session-access.ts'
import type { Commands } from './commands.ts'
import { historyJson, mistakeJson, ownResultsJson } from './learner-json.ts'
import type { RequestSchemas } from './request-schemas.ts'

interface Deps {
  readonly authentication: Authentication
  readonly schemas: RequestSchemas
  readonly commands: Commands
  readonly access: SessionAccess
}

/** What learners take home of games, each only the own. */
export const learnerRoutes = (deps: Deps): readonly ReplyRoute[] => [ownResults(deps), history(deps), mistakes(deps)]

const ownResults = ({ authentication, commands, access }: Deps): ReplyRoute => ({
  method: 'GET',
  path: '/v1/sessions/:sessionId/results/me',
  handle: async (request) => {
    const player = await authentication.admit(request, 'own.results')
    const { sessionId } = request.params
    if (!isId(sessionId)) throw new PodiumError('not-found')
    await access(player, sessionId, 'own.results')
    return ok(ownResultsJson(await commands.ownResults(request, sessionId)))
  },
})

/** Items on a page when the query names no limit. */
const DEFAULT_PAGE = 20

const history = ({ authentication, schemas, commands }: Deps): ReplyRoute => ({
  method: 'GET',
  path: '/v1/me/results',
  handle: async (request) => {
    await authentication.admit(request, 'own.history')
    const { limit = DEFAULT_PAGE, ...page } = schemas.history(request.query)
    const { items, nextCursor } = await commands.history(request, { limit, ...page })
    return ok({ items: items.map(historyJson), ...(nextCursor !== undefined && { nextCursor }) })
  },
})

const mistakes = ({ authentication, schemas, commands }: Deps): ReplyRoute => ({
  method: 'GET',
  path: '/v1/me/mistakes',
  handle: async (request) => {
    await authentication.admit(request, 'own.history')
    const { limit = DEFAULT_PAGE, ...page } = schemas.mistakes(request.query)
    const { items, nextCursor } = await commands.mistakes(request, { limit, ...page })
    return ok({ items: items.map(mistakeJson), ...(nextCursor !== undefined && { nextCursor }) })
  },
})
