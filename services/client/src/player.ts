import { type AnswerOptions, type AnswerOutcome, createAnswering, storeKey } from './answers.ts'
import type { AnswerAccepted, AnswerContent, Credentials, Leaderboard, OwnResults, Session } from './documents.ts'
import { type BoardOptions, createHttp, leaderboardPath, type Platform, sessionPath } from './http.ts'
import { type AnswerStore, createOutbox } from './outbox.ts'
import { type EventStream, openStream, type StreamOptions } from './stream.ts'
import type { TraceSource } from './trace.ts'

/** One player of one session: the stream of its events, and what a player can do. */
export interface Player extends EventStream, Credentials {
  readonly transport: 'ws' | 'sse'
  /**
   * Resolves when the server has stored the answer. Failures of the network are retried with the same answerId, and so is
   * an answer that was a moment early. Past the deadline the outcome is unknown: the answer stays in the outbox, is sent
   * again after a reconnect or by `flush()` for ten minutes, and `onAnswer` tells what became of it; another answer to the
   * same question takes its place.
   * @throws PodiumProblem for instance `already-answered`, `question-closed`; `client-…` when the deadline passed
   */
  answer(questionId: string, content: AnswerContent, options?: AnswerOptions): Promise<AnswerAccepted>
  /** Sends what waits in the outbox, also from an earlier run of the app. Resolves with what was decided; never rejects. */
  flush(): Promise<readonly AnswerOutcome[]>
  /** Called for every answer that the server has decided. Returns the function that takes the listener off. */
  onAnswer(listener: (outcome: AnswerOutcome) => void): () => void
  /** The session's state with `me`. */
  state(): Promise<Session>
  leaderboard(options?: BoardOptions): Promise<Leaderboard>
  /** What this player did, with keys and explanations of the questions that were closed. */
  results(): Promise<OwnResults>
  /** Leaves the session; the score stays, answers that wait are forgotten. */
  leave(): Promise<void>
}

export interface PlayerServer {
  readonly baseUrl: string
  readonly platform: Platform
  readonly timeoutMs: number
  readonly answerStore: AnswerStore
  readonly onStoreError: (error: unknown) => void
  readonly trace: TraceSource | undefined
}

export const createPlayer = (server: PlayerServer, credentials: Credentials, options: StreamOptions): Player => {
  const { sessionId, playerId, token, nickname } = credentials
  const http = createHttp({ ...server, token })
  const transport = options.transport ?? 'ws'
  const stream = openStream(http, sessionId, options)
  const outbox = createOutbox({
    store: server.answerStore,
    key: storeKey(sessionId, playerId),
    onError: server.onStoreError,
  })
  const { answer, flush, onAnswer, discard } = createAnswering({
    http,
    sessionId,
    stream,
    transport,
    outbox,
    trace: server.trace,
  })
  const actions = {
    sessionId,
    playerId,
    token,
    nickname,
    transport,
    answer,
    flush,
    onAnswer,
    state: () => http.json<Session>({ method: 'GET', path: sessionPath(sessionId) }),
    leaderboard: (board?: BoardOptions) =>
      http.json<Leaderboard>({ method: 'GET', path: leaderboardPath(sessionId, board) }),
    results: () => http.json<OwnResults>({ method: 'GET', path: sessionPath(sessionId, '/results/me') }),
    leave: async () => {
      await http.text({ method: 'POST', path: sessionPath(sessionId, '/leave') })
      stream.close()
      await discard()
    },
  } as const
  // Not a spread: the stream's getters have to stay getters.
  return Object.assign(stream, actions)
}
