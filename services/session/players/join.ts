import type { Clock } from '#platform/clock'
import { PodiumError } from '#platform/errors'
import { isId } from '#platform/ids'
import { nicknameKey } from '../../game/nickname.ts'
import {
  type Admission,
  admit,
  type JoinAsk,
  nicknameCandidates,
  type Player,
  type Refusal,
  type Room,
} from '../../game/session/admission.ts'
import type { WordFilter } from '../../game/word-filter.ts'
import type { Actor, Chance, Lobby, LockedSession, Outbox, PlayerTokens, Sessions, Takeovers } from '../ports.ts'
import { parseJoinCode } from '../sessions/join-code.ts'
import { decideLocked, publishCommitted } from '../sessions/move.ts'
import { createBatcher } from './batcher.ts'
import type { JoinLimits } from './join-limits.ts'

export interface JoinDeps {
  readonly sessions: Sessions
  readonly outbox: Outbox
  readonly lobby: Lobby
  readonly takeovers: Takeovers
  readonly tokens: PlayerTokens
  readonly chance: Pick<Chance, 'id' | 'nameTag'>
  readonly joinLimits: JoinLimits
  readonly isAllowedNickname: WordFilter
  readonly clock: Clock
  /** Runs what the player need not wait for. */
  readonly background: (work: Promise<void>) => void
}

export interface JoinInput {
  /** Absent for a guest. */
  readonly actor: Actor | undefined
  /** A session id or a join code. */
  readonly session: string
  readonly nickname: string | undefined
  readonly resume: boolean
  /** Where the client comes from; '' when it is not known. */
  readonly origin: string
}

export interface Joined {
  readonly sessionId: string
  readonly playerId: string
  readonly token: string
  readonly nickname: string
}

/** Players let in with one transaction. */
const MAX_BATCH = 500
const MAX_WAITING = 5_000

/**
 * Lets a player in, or on again. Those who come while others of the same session are let in go in together next.
 * @throws PodiumError the refusals of joining
 */
export const createJoin = (deps: JoinDeps): ((input: JoinInput) => Promise<Joined>) => {
  const { sessions, tokens, chance, joinLimits } = deps
  const letIn = createBatcher({
    run: (sessionId: string, asks: readonly JoinAsk[]) => letInTogether(deps, sessionId, asks),
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
  })

  const join = async ({ actor, session, nickname, resume }: JoinInput): Promise<Joined> => {
    const sessionId = await idOf(sessions, session)
    joinLimits.session(sessionId)
    const admission = await letIn(sessionId, {
      userId: actor?.userId,
      name: actor?.name,
      nickname,
      resume,
      newPlayerId: chance.id(),
      tag: chance.nameTag(),
    })
    if (admission.type === 'refused') throw refused(admission.refusal)
    const { player } = admission
    return {
      sessionId,
      playerId: player.playerId,
      token: await tokens.issue(sessionId, player),
      nickname: player.nickname,
    }
  }

  return async (input) => {
    const attempt = { userId: input.actor?.userId, origin: input.origin }
    joinLimits.check(attempt)
    try {
      return await join(input)
    } catch (err) {
      if (err instanceof PodiumError && err.code === 'session-not-found') joinLimits.failed(attempt)
      throw err
    }
  }
}

const idOf = async (sessions: Sessions, text: string): Promise<string> => {
  if (isId(text)) return text
  const joinCode = parseJoinCode(text)
  const sessionId = joinCode === undefined ? undefined : await sessions.idOfJoinCode(joinCode)
  if (sessionId === undefined) throw new PodiumError('session-not-found')
  return sessionId
}

const letInTogether = async (
  { sessions, outbox, lobby, takeovers, isAllowedNickname, clock, background }: JoinDeps,
  sessionId: string,
  asks: readonly JoinAsk[],
): Promise<readonly Admission[]> => {
  const decided = await sessions.locked(sessionId, async (locked) => {
    const room = { ...locked.session, isAllowed: isAllowedNickname }
    const admissions = admit(room, asks, await playersToKnow(locked, room, asks))
    const seats = seatsOf(admissions)
    if (seats.joined.length + seats.returned.length + seats.resumed.length > 0) await locked.seat(seats)
    const { settings, playerCount } = locked.session
    const seated = playerCount + seats.joined.length + seats.returned.length
    if (settings.autoStartPlayers > 0 && seated >= settings.autoStartPlayers && seated > playerCount) {
      await decideLocked(locked, { type: 'auto-start' }, clock)
    }
    return { admissions, seats }
  })
  if (decided === undefined) throw new PodiumError('session-not-found')

  const { joined, returned, resumed } = decided.seats
  // Nobody who joins has to wait for this; what fails is published later.
  if (joined.length + returned.length > 0) {
    background(publishCommitted(outbox, sessionId))
    lobby.changed(sessionId, { joined: [...joined, ...returned] })
  }
  for (const player of [...returned, ...resumed]) takeovers.announce(sessionId, player)
  return decided.admissions
}

const playersToKnow = (
  { findPlayers }: LockedSession,
  room: Room,
  asks: readonly JoinAsk[],
): Promise<readonly Player[]> => {
  const nicknames = asks.flatMap((ask, place) => nicknameCandidates(ask, place, room))
  return findPlayers(
    asks.flatMap(({ userId }) => (userId === undefined ? [] : [userId])),
    [...new Set(nicknames.map(nicknameKey))],
  )
}

/** Each player once, as they are after the last of their asks; how they came is said by the first. */
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
