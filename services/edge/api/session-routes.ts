import { PodiumError } from '#platform/errors'
import { createFairQueue } from '#platform/fair-queue'
import { isId } from '#platform/ids'
import type { Authentication } from '../auth/authentication.ts'
import { created, csv, noContent, ok, okJson } from '../http/reply.ts'
import { parseJson, type Request, readJson } from '../http/request.ts'
import type { ReplyRoute } from '../http/router.ts'
import type { SessionAccess } from '../sessions/session-access.ts'
import type { SessionReplicas } from '../sessions/session-replicas.ts'
import { isPresent, type PresenceView } from '../streams/presence.ts'
import type { QueryLeaderboard, Standings } from '../streams/queries.ts'
import { viewerOf } from '../streams/visibility.ts'
import { CONTROLS, type Commands, type Control } from './commands.ts'
import { sessionJson, settingsJson, summaryJson } from './public-json.ts'
import { BODY_BYTES, idempotencyKey, type RequestSchemas } from './request-schemas.ts'
import { prefersCsv, resultsCsv, resultsJson } from './results-json.ts'

interface Deps {
  readonly authentication: Authentication
  readonly schemas: RequestSchemas
  readonly commands: Commands
  readonly access: SessionAccess
  readonly replicas: SessionReplicas
  readonly standings: Standings
  readonly queryBoard: QueryLeaderboard
}

/** What a host does with sessions, and what host and players may ask about one. */
export const sessionRoutes = (deps: Deps): readonly ReplyRoute[] => [
  create(deps),
  list(deps),
  preview(deps),
  state(deps),
  ...CONTROLS.map((control) => controlRoute(deps, control)),
  board(deps),
  players(deps),
  display(deps),
  removePlayer(deps),
  removePlayers(deps),
  results(deps),
]

/** @throws PodiumError `not-found` */
const sessionIdOf = ({ params }: Request): string => {
  const { sessionId } = params
  if (!isId(sessionId)) throw new PodiumError('not-found')
  return sessionId
}

const create = ({ authentication, schemas, commands }: Deps): ReplyRoute => ({
  method: 'POST',
  path: '/v1/sessions',
  headers: ['idempotency-key'],
  maxBodyBytes: BODY_BYTES,
  preauthenticate: (request) => authentication.preauthenticate(request, 'session.create'),
  handle: async (request, body) => {
    await authentication.admit(request, 'session.create')
    const input = readJson(request, body, schemas.createSession)
    const session = await commands.createSession(request, input, idempotencyKey(request))
    const { sessionId, joinCode, status, settings } = session
    const document = {
      sessionId,
      joinCode,
      status,
      ...(settings !== undefined && { settings: settingsJson(settings) }),
    }
    return created(document, `/v1/sessions/${sessionId}`)
  },
})

/** Sessions on a page when the query names no limit. */
const DEFAULT_PAGE = 20

const list = ({ authentication, schemas, commands }: Deps): ReplyRoute => ({
  method: 'GET',
  path: '/v1/sessions',
  handle: async (request) => {
    await authentication.admit(request, 'session.list')
    const { limit = DEFAULT_PAGE, ...page } = schemas.sessionList(request.query)
    const { items, nextCursor } = await commands.listSessions(request, { limit, ...page })
    return ok({ items: items.map(summaryJson), ...(nextCursor !== undefined && { nextCursor }) })
  },
})

const preview = ({ authentication, commands }: Deps): ReplyRoute => ({
  method: 'GET',
  path: '/v1/join/:joinCode',
  handle: async (request) => {
    const admitted = authentication.admit(request, 'session.preview')
    const address = request.address()
    await admitted
    const { joinCode = '' } = request.params
    const { sessionId, title, status, access, playerCount, full, locked } = await commands.joinPreview(
      request,
      joinCode,
      address,
    )
    return ok({ sessionId, title, status, access, playerCount, full, locked })
  },
})

const state = ({ authentication, access, standings }: Deps): ReplyRoute => ({
  method: 'GET',
  path: '/v1/sessions/:sessionId',
  handle: async (request) => {
    const principal = await authentication.admit(request, 'session.read')
    const member = await access(principal, sessionIdOf(request), 'session.read')
    const me = member.role === 'player' ? await standings.of(member.principal) : undefined
    const presence = member.role === 'host' ? await presenceIfKnown(standings, member.replica.sessionId) : undefined
    const { replica } = member
    return ok({
      ...sessionJson(replica.state, replica.playerCount, viewerOf(principal)),
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

const controlRoute = ({ authentication, schemas, commands, replicas }: Deps, control: Control): ReplyRoute => ({
  method: 'POST',
  path: `/v1/sessions/:sessionId/${control}`,
  maxBodyBytes: BODY_BYTES,
  preauthenticate: (request) => authentication.preauthenticate(request, 'session.control'),
  handle: async (request, body) => {
    await authentication.admit(request, 'session.control')
    const sessionId = sessionIdOf(request)
    const { epoch } = readJson(request, body, schemas.control, true)
    const { state: after, refused } = await commands.control(request, { sessionId, control, epoch })
    const replica = replicas.peek(sessionId)
    // A lobby update may be newer than the state that the command was answered with.
    const playerCount = replica?.state.epoch === after.epoch ? replica.playerCount : after.playerCount
    const document = sessionJson(after, playerCount, 'host')
    if (refused) throw new PodiumError('wrong-state', { extra: { state: document } })
    return ok(document)
  },
})

/** Rows of the board when the query names no limit. */
const DEFAULT_ROWS = 10

const board = ({ authentication, queryBoard, schemas }: Deps): ReplyRoute => ({
  method: 'GET',
  path: '/v1/sessions/:sessionId/leaderboard',
  handle: async (request) => {
    const principal = await authentication.admit(request, 'board.read')
    const { limit = DEFAULT_ROWS, offset = 0, around } = schemas.leaderboard(request.query)
    const { sessionId = '' } = request.params
    return ok(await queryBoard({ principal, sessionId, limit, offset, isAroundMe: around === 'me' }))
  },
})

const players = ({ authentication, commands, access, standings, schemas }: Deps): ReplyRoute => ({
  method: 'GET',
  path: '/v1/sessions/:sessionId/players',
  handle: async (request) => {
    const principal = await authentication.admit(request, 'session.players')
    const sessionId = sessionIdOf(request)
    const { limit = DEFAULT_PAGE, ...page } = schemas.playerList(request.query)
    const { items, nextCursor } = await commands.listPlayers(request, sessionId, { limit, ...page })
    await access(principal, sessionId, 'session.read')
    const connected = await standings.connected(sessionId)
    return ok({
      items: items.map(({ playerId, nickname, joinedAtMs, joinOrder, removed }) => ({
        playerId,
        nickname,
        joinedAt: joinedAtMs,
        connected: isPresent(connected, joinOrder),
        removed,
      })),
      ...(nextCursor !== undefined && { nextCursor }),
    })
  },
})

const display = ({ authentication, commands }: Deps): ReplyRoute => ({
  method: 'POST',
  path: '/v1/sessions/:sessionId/displays',
  maxBodyBytes: BODY_BYTES,
  preauthenticate: (request) => authentication.preauthenticate(request, 'session.display'),
  handle: async (request, body) => {
    await authentication.admit(request, 'session.display')
    const sessionId = sessionIdOf(request)
    if (body !== '') parseJson(request, body) // nothing in it matters
    const { token, expiresAtMs } = await commands.createDisplay(request, sessionId)
    return created({ token, expiresAt: expiresAtMs }, `/v1/sessions/${sessionId}`)
  },
})

const removePlayer = ({ authentication, commands, replicas }: Deps): ReplyRoute => ({
  method: 'DELETE',
  path: '/v1/sessions/:sessionId/players/:playerId',
  handle: async (request) => {
    await authentication.admit(request, 'player.remove')
    const sessionId = sessionIdOf(request)
    const { playerId } = request.params
    if (!isId(playerId)) throw new PodiumError('not-found')
    replicas.notePlayerCount(sessionId, await commands.removePlayers(request, sessionId, [playerId]))
    return noContent()
  },
})

const removePlayers = ({ authentication, schemas, commands, replicas }: Deps): ReplyRoute => ({
  method: 'POST',
  path: '/v1/sessions/:sessionId/players/remove',
  maxBodyBytes: BODY_BYTES,
  preauthenticate: (request) => authentication.preauthenticate(request, 'player.remove'),
  handle: async (request, body) => {
    await authentication.admit(request, 'player.remove')
    const { playerIds } = readJson(request, body, schemas.removePlayers)
    const sessionId = sessionIdOf(request)
    replicas.notePlayerCount(sessionId, await commands.removePlayers(request, sessionId, playerIds))
    return noContent()
  },
})

/** Documents of results written at once, each of which may be many megabytes; those of a host that wait. */
const RESULTS_QUEUE = { atOnce: 4, maxWaiting: 30 }
/** Of a table there is one page in memory, for as long as its client takes to read it. */
const TABLES_QUEUE = { atOnce: 20, maxWaiting: 30 }

const results = (
  { authentication, commands }: Deps,
  queue = createFairQueue(RESULTS_QUEUE),
  queueOfTables = createFairQueue(TABLES_QUEUE),
): ReplyRoute => ({
  method: 'GET',
  path: '/v1/sessions/:sessionId/results',
  headers: ['accept'],
  handle: async (request) => {
    const { userId } = await authentication.admit(request, 'session.results')
    const pages = commands.results(request, sessionIdOf(request))
    if (!prefersCsv(request.headers.accept ?? '')) return queue(userId, async () => okJson(await resultsJson(pages)))
    return csv((write) =>
      queueOfTables(userId, async () => {
        for await (const lines of resultsCsv(pages)) await write(lines)
      }),
    )
  },
})
