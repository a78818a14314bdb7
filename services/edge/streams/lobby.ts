import { createFrame, type Frame } from './frame.ts'

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

/** Gathers the joins and leaves of one session into few messages: the first at once, the next ones an interval apart. */
export const createLobbyUpdates = (send: (frame: Frame) => void) => {
  let joined: string[] = []
  let left: string[] = []
  let playerCount = 0
  let isChanged = false
  let timer: NodeJS.Timeout | undefined

  const flush = (): void => {
    timer = undefined
    if (!isChanged) return
    send(createFrame('lobby.updated', { playerCount, joined, left }))
    isChanged = false
    joined = []
    left = []
    timer = setTimeout(flush, LOBBY_INTERVAL_MS)
  }

  return {
    add: (change: LobbyChange): void => {
      playerCount = change.playerCount
      joined = [...joined, ...change.joined].slice(-MAX_NAMES)
      left = [...left, ...change.left].slice(-MAX_NAMES)
      isChanged = true
      if (timer === undefined) flush()
    },
    close: (): void => {
      clearTimeout(timer)
      timer = undefined
      isChanged = false
    },
  }
}
