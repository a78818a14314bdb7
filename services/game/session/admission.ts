import { checkNickname, defaultNickname, distinctNickname, nicknameKey } from '../nickname.ts'
import type { WordFilter } from '../word-filter.ts'
import { hasStarted, isOver } from './phase.ts'
import type { Settings } from './settings.ts'
import type { SessionState } from './state.ts'

/** One request to join. */
export interface JoinRequest {
  /** Absent for a guest. */
  readonly userId: string | undefined
  /** What the token calls the user; the default nickname. */
  readonly name: string | undefined
  /** What the player wants to be called. */
  readonly nickname: string | undefined
  readonly resume: boolean
  /** The player whose token the request carries. */
  readonly playerId?: string | undefined
  /** Names the request: a repeat with the same content is the same join. */
  readonly once?: RequestName | undefined
  /** The id that the player gets if there is none yet. */
  readonly newPlayerId: string
  /** A few random characters that tell one default nickname from another when nothing else does. */
  readonly tag: string
}

export interface RequestName {
  readonly id: string
  /** Of the content. */
  readonly fingerprint: string
}

/** A join that was accepted under a name. */
export interface NamedJoin extends RequestName {
  readonly playerId: string
}

/** A player as stored. */
export interface Player {
  readonly playerId: string
  readonly userId: string | undefined
  readonly nickname: string
  readonly joinOrder: number
  readonly status: 'joined' | 'left' | 'removed'
  /** Grows each time the player comes back. */
  readonly generation: number
}

export type Refusal =
  | { readonly code: 'already-joined'; readonly playerId: string }
  | { readonly code: 'nickname-invalid'; readonly fault: string }
  | {
      readonly code:
        | 'unauthorized'
        | 'forbidden'
        | 'idempotency-key-reused'
        | 'session-locked'
        | 'session-full'
        | 'session-over'
        | 'late-join-off'
    }

export type Admission =
  /** A new player. */
  | { readonly type: 'joined'; readonly player: Player }
  /** Had left and is back. */
  | { readonly type: 'returned'; readonly player: Player }
  /** Continues on another device. */
  | { readonly type: 'resumed'; readonly player: Player }
  | { readonly type: 'refused'; readonly refusal: Refusal }

/** What decides whether a request is accepted. */
export interface JoinContext {
  readonly state: SessionState
  readonly settings: Settings
  readonly playerCount: number
  readonly nextJoinOrder: number
  /** Default: every nickname may be shown. */
  readonly isAllowed?: WordFilter
}

/** Nicknames that a request might get, best first; to look up which of them are taken. */
export const nicknameCandidates = (
  request: JoinRequest,
  place: number,
  { nextJoinOrder, isAllowed }: JoinContext,
): readonly string[] => {
  if (request.nickname !== undefined) {
    const checked = checkNickname(request.nickname, isAllowed)
    return checked.ok ? [checked.nickname] : []
  }
  const name = defaultNickname(request.name, isAllowed)
  return [name, distinctNickname(name, String(nextJoinOrder + place)), distinctNickname(name, request.tag)]
}

/**
 * Decides requests one after the other, as if each had come alone. `known` are the players that the requests could be of, or
 * whose nicknames they could want; `joins` those that were accepted under one of the requests' names.
 */
export const admit = (
  context: JoinContext,
  requests: readonly JoinRequest[],
  known: readonly Player[],
  joins: readonly NamedJoin[] = [],
): readonly Admission[] => {
  const byId = new Map(known.map((player) => [player.playerId, player]))
  const idOfUser = new Map(known.map(({ userId, playerId }) => [userId, playerId]))
  const byName = new Map(joins.map((join) => [join.id, join]))
  const taken = new Set(known.map(({ nickname }) => nicknameKey(nickname)))
  let { playerCount, nextJoinOrder } = context

  return requests.map((request, place): Admission => {
    const { userId, once } = request
    const repeated = once === undefined ? undefined : byName.get(once.id)
    if (repeated !== undefined && repeated.fingerprint !== once?.fingerprint) return refused('idempotency-key-reused')
    const ownId = repeated?.playerId ?? request.playerId ?? (userId === undefined ? undefined : idOfUser.get(userId))
    const player = ownId === undefined ? undefined : byId.get(ownId)
    // A token of a player who is not there any more.
    if (ownId !== undefined && player === undefined) return refused('forbidden')
    const refusal = refusalOf(context, request, player, playerCount, repeated !== undefined)
    if (refusal !== undefined) return { type: 'refused', refusal }
    if (player !== undefined) {
      const back: Player = { ...player, status: 'joined', generation: player.generation + 1 }
      byId.set(back.playerId, back)
      if (player.status === 'joined') return { type: 'resumed', player: back }
      playerCount += 1
      return { type: 'returned', player: back }
    }
    const nickname = nicknameCandidates(request, place, context).find((candidate) => !taken.has(nicknameKey(candidate)))
    if (nickname === undefined) return { type: 'refused', refusal: nicknameRefusal(request, context) }
    const { newPlayerId: playerId } = request
    const fresh: Player = { playerId, userId, nickname, joinOrder: nextJoinOrder, status: 'joined', generation: 1 }
    nextJoinOrder += 1
    playerCount += 1
    taken.add(nicknameKey(nickname))
    byId.set(playerId, fresh)
    if (userId !== undefined) idOfUser.set(userId, playerId)
    if (once !== undefined) byName.set(once.id, { ...once, playerId })
    return { type: 'joined', player: fresh }
  })
}

const refused = (code: 'idempotency-key-reused' | 'forbidden'): Admission => ({ type: 'refused', refusal: { code } })

const refusalOf = (
  { state, settings }: JoinContext,
  request: JoinRequest,
  player: Player | undefined,
  playerCount: number,
  isRepeat: boolean,
): Refusal | undefined => {
  if (player === undefined && request.userId === undefined && settings.access === 'users')
    return { code: 'unauthorized' }
  // An erased player has no nickname.
  if (player?.status === 'removed' || player?.nickname === '') return { code: 'forbidden' }
  if (player?.status === 'joined') {
    return request.resume || isRepeat ? undefined : { code: 'already-joined', playerId: player.playerId }
  }
  // Before what the host or a leaving player could still change: trying again is of no use.
  if (isOver(state)) return { code: 'session-over' }
  if (state.locked) return { code: 'session-locked' }
  if (playerCount >= settings.maxParticipants) return { code: 'session-full' }
  // A player who left is no late joiner.
  return player === undefined && !settings.lateJoin && hasStarted(state) ? { code: 'late-join-off' } : undefined
}

const nicknameRefusal = ({ nickname }: JoinRequest, { isAllowed }: JoinContext): Refusal => {
  const checked = nickname === undefined ? undefined : checkNickname(nickname, isAllowed)
  return { code: 'nickname-invalid', fault: checked === undefined || checked.ok ? 'taken' : checked.fault }
}
