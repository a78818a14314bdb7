import type { Message } from './connection.ts'
import type { Entry, EventData } from './documents.ts'

/** What the top looks like now: the order of its players, and the entries that differ from the board before. */
type Changes = Omit<EventData['leaderboard.updated'], 'top'> & {
  readonly order: readonly string[]
  readonly changed: readonly Entry[]
}

/**
 * Makes whole boards, `leaderboard.updated`, of the differences that a stream with `board=changes` carries; other messages
 * stay as they are. Undefined for a difference to a board that this side never saw.
 */
export const createBoardChanges = (): ((message: Message) => Message | undefined) => {
  let known: ReadonlyMap<string, Entry> = new Map()
  const learn = (top: readonly Entry[]): void => {
    known = new Map(top.map((entry) => [entry.playerId, entry]))
  }

  return (message) => {
    switch (message.type) {
      case 'session.snapshot':
        learn((message.data as EventData['session.snapshot']).leaderboard.top)
        return message
      case 'leaderboard.updated':
        learn((message.data as EventData['leaderboard.updated']).top)
        return message
      case 'leaderboard.changed': {
        const { order, changed, ...board } = message.data as Changes
        const entries = new Map(known)
        for (const entry of changed) entries.set(entry.playerId, entry)
        const top = order.flatMap((playerId) => entries.get(playerId) ?? [])
        if (top.length < order.length) return undefined
        learn(top)
        return { ...message, type: 'leaderboard.updated', data: { ...board, top } }
      }
      default:
        return message
    }
  }
}
