/** How the streams of the systems under test are read. */

export interface News {
  /** `board`: the leaderboard. `own`: only the client's own score. */
  readonly kind: 'board' | 'own'
  /** Of the leaderboard that this is from; never smaller than in a message before. */
  readonly version: number | undefined
  /** The client's own, and its place on this leaderboard. */
  readonly score: number | undefined
  readonly rank?: number | undefined
}

export interface Feed {
  /** Sent by the client after the upgrade. */
  readonly hello: ((token: string) => string) | undefined
  /** A leaderboard, a text to answer with, or nothing that matters. Called for every message of ten thousand clients. */
  read(text: string): News | string | undefined
}

const numberAfter = (text: string, key: string): number | undefined => {
  const at = text.lastIndexOf(key)
  return at === -1 ? undefined : Number.parseInt(text.slice(at + key.length, at + key.length + 20), 10)
}

const podium: Feed = {
  hello: undefined,
  read: (text) => {
    if (text.startsWith('{"type":"score.updated"')) {
      return { kind: 'own', version: undefined, score: numberAfter(text, '"score":') }
    }
    if (!text.startsWith('{"type":"leaderboard.')) return undefined
    const version = /"version":(\d+)/.exec(text)?.[1]
    if (version === undefined) return undefined
    const at = text.lastIndexOf('"me":{')
    const me = at === -1 ? '' : text.slice(at)
    return {
      kind: 'board',
      version: Number(version),
      score: numberAfter(me, '"score":'),
      rank: numberAfter(me, '"rank":'),
    }
  },
}

/** Engine.IO 4 and Socket.IO 5 as they are on the wire: `0` open, `2` ping, `40` connect, `42` event. */
const socketIo: Feed = {
  hello: (token) => `40${JSON.stringify({ token })}`,
  read: (text) => {
    if (text === '2') return '3'
    if (text.startsWith('42["leaderboard"')) {
      return { kind: 'board', version: numberAfter(text, '"version":'), score: undefined }
    }
    if (text.startsWith('42["score"')) {
      return { kind: 'own', version: numberAfter(text, '"version":'), score: numberAfter(text, '"score":') }
    }
    return undefined
  },
}

export const feeds = { podium, 'socket.io': socketIo } as const
export type FeedName = keyof typeof feeds
