import type { Frame } from './frame.ts'
import { lobbyFrame } from './messages.ts'

/** At most four messages a second, however many join. */
export const LOBBY_INTERVAL_MS = 250

/** Names in one message; the count is exact in any case. */
const MAX_NAMES = 50

export interface LobbyChange {
  readonly playerCount: number
  /** Nicknames. */
  readonly joined: readonly string[]
  readonly left: readonly string[]
}

/** Gathers who came and went in one session into few messages: the first at once, the next ones an interval apart. */
export interface Lobby {
  add(change: LobbyChange): void
  close(): void
}

export const createLobby = (send: (frame: Frame) => void): Lobby => {
  let joined: string[] = []
  let left: string[] = []
  let playerCount = 0
  let hasNews = false
  let timer: NodeJS.Timeout | undefined

  const flush = (): void => {
    timer = undefined
    if (!hasNews) return
    send(lobbyFrame({ playerCount, joined: joined.slice(-MAX_NAMES), left: left.slice(-MAX_NAMES) }))
    hasNews = false
    joined = []
    left = []
    timer = setTimeout(flush, LOBBY_INTERVAL_MS)
  }

  return {
    add: (change) => {
      playerCount = change.playerCount
      joined = [...joined, ...change.joined].slice(-MAX_NAMES)
      left = [...left, ...change.left].slice(-MAX_NAMES)
      hasNews = true
      if (timer === undefined) flush()
    },
    close: () => {
      clearTimeout(timer)
      timer = undefined
      hasNews = false
    },
  }
}
