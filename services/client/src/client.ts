import { type AnswerStore, memoryStore } from './answer-store.ts'
import type {
  CreatedSession,
  Credentials,
  ImportInput,
  ImportOutcome,
  Leaderboard,
  Quiz,
  QuizInput,
  Results,
  SessionState,
  Settings,
} from './documents.ts'
import type { EventStream, StreamOptions } from './event-stream.ts'
import { createHttp } from './http.ts'
import { openStream } from './open-stream.ts'
import { type BoardOptions, leaderboardPath, sessionPath } from './paths.ts'
import type { FetchLike, Platform, TokenSource, WebSocketConstructor } from './platform.ts'
import { createPlayer, type Player } from './player.ts'
import type { TraceSource } from './trace.ts'

export interface ClientOptions {
  /** For instance `https://quiz.example.org`. */
  readonly baseUrl: string
  /** The user's token; none for a guest. */
  readonly token?: TokenSource
  /** Default: the platform's own. */
  readonly fetch?: FetchLike
  readonly WebSocket?: WebSocketConstructor
  /** Longest wait for the answer to one request. Default 10 000. */
  readonly requestTimeoutMs?: number
  /** Where answers wait for the server's decision. Default: in memory, so that they end with the app. */
  readonly answerStore?: AnswerStore
  /** A store that fails costs no answer, only the memory of it; this is where to log it. Default: nothing. */
  readonly onStoreError?: (error: unknown) => void
  /** Asked once for every answer; the answer carries what it says with every attempt. Default: nothing. */
  readonly trace?: TraceSource
  /** 0 ≤ x < 1, spreads waiting times. Default Math.random. */
  readonly random?: () => number
}

export type HostCommand = 'start' | 'next' | 'close' | 'pause' | 'resume' | 'lock' | 'unlock' | 'end' | 'cancel'

export interface JoinOptions extends StreamOptions {
  /** Default: the name in the user's token. */
  readonly nickname?: string
  /** Continue as the player that this user already is. */
  readonly resume?: boolean
}

/** Every method throws PodiumProblem and nothing else. */
export interface PodiumClient {
  createQuiz(quiz: QuizInput): Promise<{ readonly quizId: string }>
  /** The quiz with its keys. */
  quiz(quizId: string): Promise<Quiz>
  importQuiz(input: ImportInput): Promise<ImportOutcome>
  createSession(input: { quizId: string; settings?: Partial<Settings> }): Promise<CreatedSession>
  session(sessionId: string): Promise<SessionState>
  control(sessionId: string, command: HostCommand): Promise<SessionState>
  removePlayer(sessionId: string, playerId: string): Promise<void>
  results(sessionId: string): Promise<Results>
  resultsCsv(sessionId: string): Promise<string>
  leaderboard(sessionId: string, options?: BoardOptions): Promise<Leaderboard>
  /** Joins by session id or join code; `connect()` of the result starts its stream. */
  join(sessionIdOrCode: string, options?: JoinOptions): Promise<Player>
  /** A player who joined earlier, from what was kept of it. */
  player(credentials: Credentials, options?: StreamOptions): Player
  /** The host's stream of a session. */
  watch(sessionId: string, options?: StreamOptions): EventStream
  /** The server's clock. */
  time(): Promise<number>
}

export const createClient = (options: ClientOptions): PodiumClient => {
  const timeoutMs = options.requestTimeoutMs ?? 10_000
  const platform = platformOf(options)
  const http = createHttp({ baseUrl: options.baseUrl, token: options.token, platform, timeoutMs })
  const { answerStore = memoryStore(), onStoreError = () => undefined } = options
  const server = { baseUrl: http.baseUrl, platform, timeoutMs, answerStore, onStoreError, trace: options.trace }
  const get = <T>(path: string) => http.json<T>({ method: 'GET', path })
  const post = <T>(path: string, body?: unknown) => http.json<T>({ method: 'POST', path, body })

  return {
    createQuiz: (quiz) => post('/v1/quizzes', quiz),
    quiz: (quizId) => get(`/v1/quizzes/${encodeURIComponent(quizId)}`),
    // An import may ask a provider that takes its time.
    importQuiz: (body) => http.json({ method: 'POST', path: '/v1/quizzes/import', body, timeoutMs: timeoutMs * 3 }),
    createSession: (input) => post('/v1/sessions', input),
    session: (sessionId) => get(sessionPath(sessionId)),
    control: (sessionId, command) => post(sessionPath(sessionId, `/${command}`)),
    removePlayer: async (sessionId, playerId) => {
      await http.text({ method: 'DELETE', path: sessionPath(sessionId, `/players/${encodeURIComponent(playerId)}`) })
    },
    results: (sessionId) => get(sessionPath(sessionId, '/results')),
    resultsCsv: (sessionId) =>
      http.text({ method: 'GET', path: sessionPath(sessionId, '/results'), accept: 'text/csv' }),
    leaderboard: (sessionId, board) => get(leaderboardPath(sessionId, board)),
    join: async (sessionIdOrCode, { nickname, resume, ...stream } = {}) => {
      const body = { ...(nickname !== undefined && { nickname }), ...(resume !== undefined && { resume }) }
      const credentials = await post<Credentials>(sessionPath(sessionIdOrCode, '/join'), body)
      return createPlayer(server, credentials, stream)
    },
    player: (credentials, stream = {}) => createPlayer(server, credentials, stream),
    watch: (sessionId, stream = {}) => openStream(http, sessionId, stream),
    time: async () => (await get<{ now: number }>('/v1/time')).now,
  }
}

const platformOf = ({ fetch, WebSocket, random }: ClientOptions): Platform => {
  const globals = globalThis as unknown as { fetch: FetchLike; WebSocket?: WebSocketConstructor }
  return {
    // Called as a plain function: a browser's fetch insists on its own `this`.
    fetch: fetch ?? ((url, init) => globals.fetch(url, init)),
    WebSocket: WebSocket ?? globals.WebSocket,
    random: random ?? Math.random,
  }
}
