import type { FeedMessage, SessionState } from '#gen/feed_pb'
import { mediaJson } from '../api/media-json.ts'
import { questionJson, revealJson } from '../api/public-json.ts'
import type { BoardJson } from '../board/board-view.ts'
import { createFrame, type Frame } from './frame.ts'
import { type Viewer, visibleState } from './visibility.ts'

/** One event for all clients of a session, by what they may see; mostly the same frame. */
export type EventFrames = Readonly<Record<Viewer, Frame>>

/**
 * What clients get of a FEED message; undefined for what they do not get. Made of the message alone, so that a replay
 * is equal to the live stream. `sessionFinished` comes with the board: see `finishedFrame`.
 */
export const eventFrames = (message: FeedMessage, position: number): EventFrames | undefined => {
  const { state } = message
  const host = eventFrame(message, state && visibleState(state, 'host'), position)
  if (host === undefined) return undefined
  const seenByPlayers = state && visibleState(state, 'player')
  return { host, player: seenByPlayers === state ? host : (eventFrame(message, seenByPlayers, position) ?? host) }
}

const eventFrame = (
  { event, atMs }: FeedMessage,
  state: SessionState | undefined,
  position: number,
): Frame | undefined => {
  const happened = event?.event
  const frame = (type: string, data: object): Frame => createFrame(type, data, position)
  switch (happened?.case) {
    case 'sessionStarting':
      return frame('session.starting', { startsAt: happened.value.startsAtMs })
    case 'questionOpened':
      return state?.question && frame('question.opened', questionJson(state.question))
    case 'questionExtended': {
      const { question } = state ?? {}
      if (question === undefined) return undefined
      const { questionId, opensAtMs, closesAtMs } = question
      return frame('question.extended', { questionId, opensAt: opensAtMs, closesAt: closesAtMs })
    }
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

/** What clients load before the next question is announced; undefined when there is nothing to load. No event: the state has it. */
export const upcomingFrame = ({ upcoming }: Pick<SessionState, 'upcoming'>): Frame | undefined =>
  upcoming &&
  createFrame('question.upcoming', {
    index: upcoming.index,
    ...(upcoming.media !== undefined && { media: mediaJson(upcoming.media) }),
    ...(upcoming.optionMedia.length > 0 && { optionMedia: upcoming.optionMedia.map(mediaJson) }),
  })

export const finishedFrame = ({ top, playerCount }: BoardJson, position: number): Frame =>
  createFrame('session.finished', { top, playerCount }, position)

export const removedFrame = (at: number): Frame => createFrame('player.removed', { at })

export const replacedFrame = (at: number): Frame => createFrame('player.replaced', { at })
