import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import type { Authentication } from '../auth/authentication.ts'
import { readJson } from '../http/json-body.ts'
import { created, csv, noContent, ok } from '../http/reply.ts'
import type { Request } from '../http/request.ts'
import type { ReplyRoute, Route } from '../http/router.ts'
import { CONTROLS, type Commands, type PresenceView, type SessionReplicas, type Standings } from '../ports.ts'
import type { SessionAccess } from '../sessions/session-access.ts'
import { BODY_BYTES } from './body-limits.ts'
import { prefersCsv } from './media-type.ts'
import { sessionJson, settingsJson } from './public-json.ts'
import type { RequestSchemas } from './request-schemas.ts'
import { resultsCsv, resultsJson } from './results-json.ts'

export interface SessionRoutesDeps {
  readonly authentication: Authentication
  readonly schemas: RequestSchemas
  readonly commands: Commands
  readonly access: SessionAccess
  readonly replicas: SessionReplicas
  readonly standings: Standings
}

/** What a host does with sessions, and what all its members may ask. */
export const sessionRoutes = (deps: SessionRoutesDeps): readonly Route[] => [
  create(deps),
  state(deps),
  ...CONTROLS.map((control) => controlRoute(deps, control)),
  removePlayer(deps),
  results(deps),
]

/** @throws PodiumError `not-found` */
const sessionIdOf = ({ params }: Request): string => {
  const { sessionId } = params
  if (!isId(sessionId)) throw new PodiumError('not-found')
  return sessionId
}

const create = ({ authentication, schemas, commands }: SessionRoutesDeps): ReplyRoute => ({
  method: 'POST',
  path: '/v1/sessions',
  maxBodyBytes: BODY_BYTES,
  preauthenticate: (request) => authentication.preauthenticate(request, 'session.create'),
  handle: async (request, body) => {
    const actor = await authentication.admit(request, 'session.create')
    const session = await commands.on(request).createSession(actor, readJson(request, body, schemas.createSession))
    const { sessionId, joinCode, status, settings } = session
    return created({ sessionId, joinCode, status, ...(settings !== undefined && { settings: settingsJson(settings) }) })
  },
})

const state = ({ authentication, access, standings }: SessionRoutesDeps): ReplyRoute => ({
  method: 'GET',
  path: '/v1/sessions/:sessionId',
  handle: async (request) => {
    const principal = await authentication.admit(request, 'session.read')
    const member = await access(principal, sessionIdOf(request), 'session.read')
    const me = member.role === 'player' ? await standings.of(member.principal) : undefined
    const presence = member.role === 'host' ? await presenceIfKnown(standings, member.replica.sessionId) : undefined
    const { replica } = member
    return ok({
      ...sessionJson(replica.state, replica.playerCount, member.role),
      ...(me !== undefined && { me }),
      ...(presence !== undefined && { presence }),
    })
  },
})

/** The rest of the state is worth having without it. */
const presenceIfKnown = async (standings: Standings, sessionId: string): Promise<PresenceView | undefined> => {
  try {
    return await standings.presence(sessionId)
  } catch (err) {
    if (err instanceof PodiumError && err.code === 'unavailable') return undefined
    throw err
  }
}

const controlRoute = (deps: SessionRoutesDeps, control: (typeof CONTROLS)[number]): ReplyRoute => ({
  method: 'POST',
  path: `/v1/sessions/:sessionId/${control}`,
  // No body is needed, and one that is there does not matter; it has to be read off the connection all the same.
  maxBodyBytes: BODY_BYTES,
  preauthenticate: (request) => deps.authentication.preauthenticate(request, 'session.control'),
  handle: async (request) => {
    const actor = await deps.authentication.admit(request, 'session.control')
    const sessionId = sessionIdOf(request)
    const after = await deps.commands.on(request).control(actor, sessionId, control)
    const replica = deps.replicas.peek(sessionId)
    // A lobby update may be newer than the state that the command was answered with.
    const playerCount = replica?.state.epoch === after.epoch ? replica.playerCount : after.playerCount
    return ok(sessionJson(after, playerCount, 'host'))
  },
})

const removePlayer = ({ authentication, commands }: SessionRoutesDeps): ReplyRoute => ({
  method: 'DELETE',
  path: '/v1/sessions/:sessionId/players/:playerId',
  handle: async (request) => {
    const actor = await authentication.admit(request, 'player.remove')
    const sessionId = sessionIdOf(request)
    const { playerId } = request.params
    if (!isId(playerId)) throw new PodiumError('not-found')
    await commands.on(request).removePlayer(actor, sessionId, playerId)
    return noContent()
  },
})

const results = ({ authentication, commands }: SessionRoutesDeps): ReplyRoute => ({
  method: 'GET',
  path: '/v1/sessions/:sessionId/results',
  headers: ['accept'],
  handle: async (request) => {
    const actor = await authentication.admit(request, 'session.results')
    const found = await commands.on(request).results(actor, sessionIdOf(request))
    return prefersCsv(request.headers.accept ?? '') ? csv(resultsCsv(found)) : ok(resultsJson(found))
  },
})
