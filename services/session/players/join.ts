import type { Clock } from '#platform/clock'
import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import { parseJoinCode } from '../../game/join-code.ts'
import { nicknameKey } from '../../game/nickname.ts'
import {
  type Admission,
  admit,
  type JoinContext,
  type JoinRequest,
  type NamedJoin,
  nicknameCandidates,
  type Player,
  type Refusal,
} from '../../game/session/admission.ts'
import type { WordFilter } from '../../game/word-filter.ts'
import type { Background } from '../background.ts'
import { requestName } from '../idempotency.ts'
import { boardOutbox } from '../outbox/messages.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { IdGenerator } from '../sessions/id-generator.ts'
import { decideLocked, publishCommitted } from '../sessions/move.ts'
import type { Actor } from '../sessions/permissions.ts'
import type { Door, LockedSession, PlayerCount, SessionStore } from '../sessions/session.ts'
import { createBatcher } from './batcher.ts'
import type { Attempt, JoinLimits } from './join-limits.ts'
import type { Lobby, Takeovers } from './lobby.ts'
import type { PlayerTokens } from './player-tokens.ts'

export interface JoinDeps {
  readonly sessions: SessionStore
  readonly outbox: Outbox
  readonly lobby: Lobby
  readonly takeovers: Takeovers
  readonly tokens: PlayerTokens
  readonly ids: Pick<IdGenerator, 'id' | 'nameTag'>
  readonly joinLimits: JoinLimits
  readonly isAllowedNickname: WordFilter
  readonly clock: Clock
  readonly background: Background
}

export interface JoinInput {
  /** Absent for a guest. */
  readonly actor: Actor | undefined
  /** A session id or a join code. */
  readonly session: string
  readonly nickname: string | undefined
  readonly resume: boolean
  /** The player whose token was sent. */
  readonly player: { readonly playerId: string; readonly sessionId: string } | undefined
  /** Of the caller; the same request with the same key is the same join. */
  readonly idempotencyKey: string | undefined
  /** Where the client comes from; '' when it is not known. */
  readonly origin: string
}

export interface Joined {
  readonly sessionId: string
  readonly playerId: string
  readonly token: string
  readonly nickname: string
  readonly count: PlayerCount
}

/** What became of one request, and how many players there are after those it was decided with. */
interface Answer {
  readonly admission: Admission
  readonly count: PlayerCount
}

/** Players let in with one transaction. */
const MAX_BATCH = 500
const MAX_WAITING = 5_000

/**
 * Lets a player in, or lets one continue. Requests that come during a transaction of joins of the same session share the next
 * one.
 * @throws PodiumError the refusals of joining
 */
export const createJoin = (deps: JoinDeps): ((input: JoinInput) => Promise<Joined>) => {
  const { sessions, tokens, ids, joinLimits } = deps
  const letIn = createBatcher({
    run: (sessionId: string, requests: readonly JoinRequest[]): Promise<readonly Answer[]> =>
      letInTogether(deps, sessionId, requests),
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
  })

  const join = async (input: JoinInput, attempt: Attempt): Promise<Joined> => {
    const { actor, session, nickname, resume, player: bearer, idempotencyKey, origin } = input
    const { sessionId, access, guestSeatsPerAddress } = await doorOf(sessions, session)
    // A player is a stranger in every other session.
    if (bearer !== undefined && bearer.sessionId !== sessionId) throw new PodiumError('forbidden')
    const isGuest = attempt.caller === undefined
    // Before anything counts or is locked: those who may not join at all use up nothing of those who may.
    if (isGuest && access === 'users') throw new PodiumError('unauthorized')
    joinLimits.session(sessionId, attempt)
    if (isGuest && !joinLimits.takeGuestSeat(sessionId, origin, guestSeatsPerAddress))
      throw new PodiumError('too-many-guests')
    const request: JoinRequest = {
      userId: actor?.userId,
      name: actor?.name,
      nickname,
      resume,
      playerId: bearer?.playerId,
      once: requestName(
        idempotencyKey,
        attempt.caller ?? 'guest',
        `join ${sessionId}`,
        JSON.stringify([nickname, resume]),
      ),
      newPlayerId: ids.id(),
      tag: ids.nameTag(),
    }
    let isNew = false
    let answer: Answer
    try {
      answer = await letIn(sessionId, request)
      isNew = answer.admission.type === 'joined'
    } finally {
      if (isGuest && !isNew) joinLimits.returnGuestSeat(sessionId, origin)
    }
    const { admission, count } = answer
    if (admission.type === 'refused') throw refused(admission.refusal)
    const { player } = admission
    return {
      sessionId,
      playerId: player.playerId,
      token: await tokens.issue(sessionId, player),
      nickname: player.nickname,
      count,
    }
  }

  return async (input) => {
    const attempt = { caller: callerOf(input), origin: input.origin }
    joinLimits.check(attempt)
    try {
      return await join(input, attempt)
    } catch (err) {
      if (err instanceof PodiumError && err.code === 'session-not-found') joinLimits.failed(attempt)
      throw err
    }
  }
}

const callerOf = ({ actor, player }: Pick<JoinInput, 'actor' | 'player'>): string | undefined =>
  player !== undefined ? `player ${player.playerId}` : actor !== undefined ? `user ${actor.userId}` : undefined

const doorOf = async (sessions: SessionStore, text: string): Promise<Door> => {
  const idOrCode = isId(text) ? text : parseJoinCode(text)
  const door = idOrCode === undefined ? undefined : await sessions.findDoor(idOrCode)
  if (door === undefined) throw new PodiumError('session-not-found')
  return door
}

const letInTogether = async (
  { sessions, outbox, lobby, takeovers, isAllowedNickname, clock, background }: JoinDeps,
  sessionId: string,
  requests: readonly JoinRequest[],
): Promise<readonly Answer[]> => {
  const decided = await sessions.locked(sessionId, async (locked) => {
    const context = { ...locked.session, isAllowed: isAllowedNickname }
    const names = requests.flatMap(({ once }) => (once === undefined ? [] : [once.id]))
    const joins = (await locked.findJoins(names)).map(({ result, ...name }) => ({ ...name, playerId: result.playerId }))
    const admissions = admit(context, requests, await playersToKnow(locked, context, requests, joins), joins)
    const seats = seatsOf(admissions)
    const { joined, returned, resumed } = seats
    let count: PlayerCount = locked.session
    if (joined.length + returned.length + resumed.length > 0) {
      const newNames = requests.flatMap(({ once }, place) => {
        const admission = admissions[place]
        return once === undefined || admission?.type !== 'joined'
          ? []
          : [{ ...once, result: { playerId: admission.player.playerId } }]
      })
      const messages = joined.length === 0 ? [] : [boardOutbox(sessionId, joined)]
      count = await locked.seat({ ...seats, names: newNames, messages })
    }
    const { settings } = locked.session
    if (
      settings.autoStartPlayers > 0 &&
      count.playerCount >= settings.autoStartPlayers &&
      joined.length + returned.length > 0
    ) {
      await decideLocked(locked, { ...locked.session, ...count }, { type: 'auto-start' }, clock)
    }
    const { playerCount, countedAt } = count
    return { admissions, seats, count: { playerCount, countedAt } }
  })
  if (decided === undefined) throw new PodiumError('session-not-found')

  const { joined, returned, resumed } = decided.seats
  // No player has to wait for this; what fails is published later.
  if (joined.length + returned.length > 0) {
    background(publishCommitted(outbox, sessionId))
    lobby.changed(sessionId, { joined: [...joined, ...returned] })
  }
  for (const player of [...returned, ...resumed]) takeovers.announce(sessionId, player)
  return decided.admissions.map((admission) => ({ admission, count: decided.count }))
}

const playersToKnow = (
  { findPlayers }: LockedSession,
  context: JoinContext,
  requests: readonly JoinRequest[],
  joins: readonly NamedJoin[],
): Promise<readonly Player[]> => {
  const nicknames = requests.flatMap((request, place) => nicknameCandidates(request, place, context))
  return findPlayers({
    playerIds: [...joins, ...requests].flatMap(({ playerId }) => (playerId === undefined ? [] : [playerId])),
    userIds: requests.flatMap(({ userId }) => (userId === undefined ? [] : [userId])),
    nicknameKeys: [...new Set(nicknames.map(nicknameKey))],
  })
}

/** Each player once, as they are after the last of their requests; the first says how they came. */
const seatsOf = (admissions: readonly Admission[]) => {
  const first = new Map<string, Admission['type']>()
  const last = new Map<string, Player>()
  for (const admission of admissions) {
    if (admission.type === 'refused') continue
    const { playerId } = admission.player
    if (!first.has(playerId)) first.set(playerId, admission.type)
    last.set(playerId, admission.player)
  }
  const of = (type: Admission['type']): readonly Player[] =>
    [...last.values()].filter(({ playerId }) => first.get(playerId) === type)
  return { joined: of('joined'), returned: of('returned'), resumed: of('resumed') }
}

const refused = (refusal: Refusal): PodiumError => {
  switch (refusal.code) {
    case 'already-joined':
      // The code's own sentence says how to come back.
      return new PodiumError(refusal.code, { extra: { playerId: refusal.playerId } })
    case 'nickname-invalid':
      return new PodiumError(refusal.code, { errors: [{ pointer: '/nickname', code: refusal.fault }] })
    default:
      return new PodiumError(refusal.code)
  }
}
