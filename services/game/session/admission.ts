import { checkNickname, defaultNickname, distinctNickname, nicknameKey } from '../nickname.ts'
import type { WordFilter } from '../word-filter.ts'
import { hasStarted, isOver } from './phase.ts'
import type { Settings } from './settings.ts'
import type { SessionState } from './state.ts'

/** Somebody who wants to play. */
export interface JoinAsk {
  /** Absent for a guest. */
  readonly userId: string | undefined
  /** What the token calls the user; the default nickname. */
  readonly name: string | undefined
  /** What the player wants to be called. */
  readonly nickname: string | undefined
  readonly resume: boolean
  /** The id that the player gets if there is none yet. */
  readonly newPlayerId: string
  /** A few random characters that tell one default nickname from another when nothing else does. */
  readonly tag: string
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
      readonly code: 'unauthorized' | 'forbidden' | 'session-locked' | 'session-full' | 'session-over' | 'late-join-off'
    }

export type Admission =
  /** A new player. */
  | { readonly type: 'joined'; readonly player: Player }
  /** Had left and is back. */
  | { readonly type: 'returned'; readonly player: Player }
  /** Goes on on another device. */
  | { readonly type: 'resumed'; readonly player: Player }
  | { readonly type: 'refused'; readonly refusal: Refusal }

/** What the door looks at. */
export interface Room {
  readonly state: SessionState
  readonly settings: Settings
  readonly playerCount: number
  readonly nextJoinOrder: number
  /** Default: every nickname may be shown. */
  readonly isAllowed?: WordFilter
}

/** Nicknames that an ask might get, best first; to look up which of them are taken. */
export const nicknameCandidates = (
  ask: JoinAsk,
  place: number,
  { nextJoinOrder, isAllowed }: Room,
): readonly string[] => {
  if (ask.nickname !== undefined) {
    const checked = checkNickname(ask.nickname, isAllowed)
    return checked.ok ? [checked.nickname] : []
  }
  const name = defaultNickname(ask.name, isAllowed)
  return [name, distinctNickname(name, String(nextJoinOrder + place)), distinctNickname(name, ask.tag)]
}

/**
 * Lets players in, one after the other, as if each had come alone. `known` are the players whom the asks could be or whose
 * nicknames they could want.
 */
export const admit = (room: Room, asks: readonly JoinAsk[], known: readonly Player[]): readonly Admission[] => {
  const byUser = new Map(known.flatMap((player) => (player.userId === undefined ? [] : [[player.userId, player]])))
  const taken = new Set(known.map(({ nickname }) => nicknameKey(nickname)))
  let { playerCount, nextJoinOrder } = room

  return asks.map((ask, place): Admission => {
    const player = ask.userId === undefined ? undefined : byUser.get(ask.userId)
    const refusal = refusalOf(room, ask, player, playerCount)
    if (refusal !== undefined) return { type: 'refused', refusal }
    if (player !== undefined) {
      const back: Player = { ...player, status: 'joined', generation: player.generation + 1 }
      byUser.set(ask.userId as string, back)
      if (player.status === 'joined') return { type: 'resumed', player: back }
      playerCount += 1
      return { type: 'returned', player: back }
    }
    const nickname = nicknameCandidates(ask, place, room).find((candidate) => !taken.has(nicknameKey(candidate)))
    if (nickname === undefined) return { type: 'refused', refusal: nicknameRefusal(ask, room) }
    const { newPlayerId: playerId, userId } = ask
    const fresh: Player = { playerId, userId, nickname, joinOrder: nextJoinOrder, status: 'joined', generation: 1 }
    nextJoinOrder += 1
    playerCount += 1
    taken.add(nicknameKey(nickname))
    if (userId !== undefined) byUser.set(userId, fresh)
    return { type: 'joined', player: fresh }
  })
}

const refusalOf = (
  { state, settings }: Room,
  ask: JoinAsk,
  player: Player | undefined,
  playerCount: number,
): Refusal | undefined => {
  if (ask.userId === undefined && settings.access === 'users') return { code: 'unauthorized' }
  if (player?.status === 'removed') return { code: 'forbidden' }
  if (player?.status === 'joined') {
    return ask.resume ? undefined : { code: 'already-joined', playerId: player.playerId }
  }
  // Before what the host or a leaving player could still change: trying again is of no use.
  if (isOver(state)) return { code: 'session-over' }
  if (state.locked) return { code: 'session-locked' }
  if (playerCount >= settings.maxParticipants) return { code: 'session-full' }
  // Who left is no late joiner.
  return player === undefined && !settings.lateJoin && hasStarted(state) ? { code: 'late-join-off' } : undefined
}

const nicknameRefusal = ({ nickname }: JoinAsk, { isAllowed }: Room): Refusal => {
  const checked = nickname === undefined ? undefined : checkNickname(nickname, isAllowed)
  return { code: 'nickname-invalid', fault: checked === undefined || checked.ok ? 'taken' : checked.fault }
}
