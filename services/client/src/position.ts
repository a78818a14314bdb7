import type { Message } from './connection.ts'

/** Connections in a row whose snapshot may lie behind what was shown before such a snapshot is believed. */
const MAX_BEHIND = 3

/** What the app has been shown of a session's events, by their ids. */
export interface Position {
  /** Id of the last event that had one. */
  readonly last: string | undefined
  /**
   * `show`: new to the app. `repeated`: an event that it has been shown. `behind`: a snapshot of an earlier moment, of a
   * server that has not caught up yet; the state of the app is newer.
   */
  take(message: Pick<Message, 'type' | 'id'>): 'show' | 'repeated' | 'behind'
}

/**
 * Ids are positions: whole numbers that grow. Events up to the last one shown are repetitions. A snapshot moves the
 * position forward; backward only when several connections insist, as then the numbering itself began again.
 */
export const createPosition = (): Position => {
  let last: string | undefined
  let behind = 0
  return {
    get last() {
      return last
    },
    take: ({ type, id }) => {
      if (id === undefined) return 'show'
      const order = last === undefined ? 1 : compareIds(id, last)
      if (type === 'session.snapshot') {
        if (order < 0 && ++behind < MAX_BEHIND) return 'behind'
        behind = 0
      } else if (order <= 0) {
        return 'repeated'
      }
      last = id
      return 'show'
    },
  }
}

/** Above 0 also for ids of a form that this version does not know: better shown twice than never. */
const compareIds = (id: string, last: string): number =>
  /^\d{1,15}$/.test(id) && /^\d{1,15}$/.test(last) ? Number(id) - Number(last) : 1
