import type { FeedMessage } from '#gen/feed_pb'
import { questionJson, revealJson } from '../api/public-json.ts'
import type { PresenceView } from '../ports.ts'
import { createFrame, type Frame } from './frame.ts'
import type { Score } from './scores.ts'

/**
 * What clients are told of a FEED message; undefined for what is none of their business. Made of the message alone, so
 * that a replay says the same as the live stream. `sessionFinished` comes with the board: see `finishedFrame`.
 */
export const feedFrame = ({ event, state, atMs }: FeedMessage, position: number): Frame | undefined => {
  const happened = event?.event
  const frame = (type: string, data: object): Frame => createFrame(type, data, position)
  switch (happened?.case) {
    case 'sessionStarting':
      return frame('session.starting', { startsAt: happened.value.startsAtMs })
    case 'questionOpened':
      return state?.question && frame('question.opened', questionJson(state.question))
    case 'questionClosed':
      return state?.reveal && frame('question.closed', revealJson(state.reveal))
    case 'sessionPaused':
      return frame('session.paused', {
        at: atMs,
        reason: happened.value.reason,
        ...(state?.remainingMs !== undefined && { remainingMs: state.remainingMs }),
      })
    case 'sessionResumed':
      return frame('session.resumed', {
        at: atMs,
        reason: happened.value.reason,
        ...(state?.question !== undefined && { question: questionJson(state.question) }),
      })
    case 'sessionLocked':
      return frame('session.locked', { at: atMs })
    case 'sessionUnlocked':
      return frame('session.unlocked', { at: atMs })
    case 'sessionCancelled':
      return frame('session.cancelled', { at: atMs })
    case 'sessionCreated':
    case 'questionClosing':
    case 'playerRemoved':
    case 'playerLeft':
    case 'sessionFinished':
    case undefined:
      return undefined
    default:
      return happened satisfies never
  }
}

export interface Entry {
  readonly rank: number
  readonly playerId: string
  readonly nickname: string
  readonly score: number
  readonly correctAnswers: number
}

/** The shared part of a board. */
export interface BoardJson {
  readonly version: number
  readonly playerCount: number
  readonly top: readonly Entry[]
}

export const boardFrame = (board: BoardJson): Frame => createFrame('leaderboard.updated', board)

export const finishedFrame = ({ top, playerCount }: BoardJson, position: number): Frame =>
  createFrame('session.finished', { top, playerCount }, position)

export const snapshotFrame = (state: object, leaderboard: BoardJson, position: number): Frame =>
  createFrame('session.snapshot', { ...state, leaderboard }, position)

export const lobbyFrame = (update: {
  playerCount: number
  joined: readonly string[]
  left: readonly string[]
}): Frame => createFrame('lobby.updated', update)

export const presenceFrame = (presence: PresenceView): Frame => createFrame('presence.updated', presence)

export const scoreFrame = (score: Score): Frame => createFrame('score.updated', score)

export const removedFrame = (at: number): Frame => createFrame('player.removed', { at })

export const replacedFrame = (at: number): Frame => createFrame('player.replaced', { at })
