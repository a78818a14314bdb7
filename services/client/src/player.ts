import { type AnswerOptions, sendAnswer } from './answers.ts'
import type { AnswerContent, AnswerReceipt, Credentials, Leaderboard, SessionState } from './documents.ts'
import { createHttp } from './http.ts'
import { type BoardOptions, leaderboardPath, sessionPath } from './paths.ts'
import type { Platform } from './platform.ts'
import { sseConnections } from './sse-connection.ts'
import { createStream, type EventStream, type StreamOptions } from './stream.ts'
import { webSocketConnections } from './websocket-connection.ts'

/** One player of one session: the stream of its events, and what a player can do. */
export interface Player extends EventStream, Credentials {
  readonly transport: 'ws' | 'sse'
  /**
   * Resolves when the server has stored the answer. Failures of the network are retried with the same answerId.
   * @throws PodiumProblem for instance `already-answered`, `question-closed`; `client-…` when the deadline passed
   */
  answer(questionId: string, content: AnswerContent, options?: AnswerOptions): Promise<AnswerReceipt>
  /** The session's state with `me`. */
  state(): Promise<SessionState>
  leaderboard(options?: BoardOptions): Promise<Leaderboard>
  /** Leaves the session; the score stays. */
  leave(): Promise<void>
}

export const createPlayer = (
  server: { baseUrl: string; platform: Platform; timeoutMs: number },
  { sessionId, playerId, token, nickname }: Credentials,
  options: StreamOptions,
): Player => {
  const http = createHttp({ ...server, token })
  const transport = options.transport ?? 'ws'
  const connections = transport === 'ws' ? webSocketConnections : sseConnections
  const stream = createStream(connections(http, sessionId), server.platform.random, options)
  const actions = {
    sessionId,
    playerId,
    token,
    nickname,
    transport,
    answer: (questionId: string, content: AnswerContent, answerOptions?: AnswerOptions) =>
      sendAnswer({ http, sessionId, stream, transport }, questionId, content, answerOptions),
    state: () => http.json<SessionState>({ method: 'GET', path: sessionPath(sessionId) }),
    leaderboard: (board?: BoardOptions) =>
      http.json<Leaderboard>({ method: 'GET', path: leaderboardPath(sessionId, board) }),
    leave: async () => {
      await http.text({ method: 'POST', path: sessionPath(sessionId, '/leave') })
      stream.close()
    },
  } as const
  // Not a spread: the stream's getters have to stay getters.
  return Object.assign(stream, actions)
}
