import { PodiumError } from '#lib/errors'
import type { QueryBoard } from '../app/board-query.ts'
import type { Authentication } from './http/authentication.ts'
import { ok } from './http/reply.ts'
import type { ReplyRoute } from './http/router.ts'

const DEFAULT_LIMIT = 10
const MAX_LIMIT = 100

export interface BoardRouteDeps {
  readonly authentication: Authentication
  readonly queryBoard: QueryBoard
}

export const createBoardRoute = ({ authentication, queryBoard }: BoardRouteDeps): ReplyRoute => ({
  method: 'GET',
  path: '/v1/sessions/:sessionId/leaderboard',
  wantsAddress: true,
  handle: async (request) => {
    const principal = await authentication.admit(request, 'board.read')
    const query = parseQuery(request.query)
    return ok(await queryBoard({ principal, sessionId: request.params.sessionId ?? '', ...query }))
  },
})

/** @throws PodiumError `malformed` */
const parseQuery = (text: string): { limit: number; isAroundMe: boolean } => {
  const query = new URLSearchParams(text)
  const limit = query.get('limit')
  const around = query.get('around')
  if (limit !== null && !/^[1-9][0-9]{0,2}$/.test(limit)) throw refusal('limit')
  if (Number(limit ?? DEFAULT_LIMIT) > MAX_LIMIT) throw refusal('limit')
  if (around !== null && around !== 'me') throw refusal('around')
  return { limit: Number(limit ?? DEFAULT_LIMIT), isAroundMe: around === 'me' }
}

const refusal = (name: 'limit' | 'around'): PodiumError =>
  new PodiumError('malformed', {
    detail: name === 'limit' ? `limit must be a whole number from 1 to ${MAX_LIMIT}.` : 'around must be "me".',
  })
