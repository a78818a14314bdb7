import type {
  CreateQuizRequest,
  CreateQuizResponse,
  CreateSessionRequest,
  CreateSessionResponse,
  Credentials,
  Display,
  History,
  HostCommand,
  ImportQuizRequest,
  ImportQuizResponse,
  JoinPreview,
  Leaderboard,
  MistakeList,
  PlayerList,
  Quiz,
  QuizList,
  ReadQuiz,
  ReplaceQuizRequest,
  Results,
  Session,
  SessionList,
  Status,
} from './documents.ts'
import {
  type BoardOptions,
  createHttp,
  type FetchLike,
  type HttpRequest,
  leaderboardPath,
  type Platform,
  queryOf,
  sessionPath,
  type TokenSource,
  type WebSocketConstructor,
} from './http.ts'
import { newId } from './ids.ts'
import { type AnswerStore, memoryStore } from './outbox.ts'
import { createPlayer, type Player } from './player.ts'
import { type EventStream, openStream, type StreamOptions } from './stream.ts'
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

export interface CreateOptions {
  /**
   * The server acts once on all requests with this key, within a day. Default: a new key for every call, so that the library's own
   * repetitions count once; give one that outlives the app to repeat a call whose outcome was never learned.
   */
  readonly idempotencyKey?: string
}

export interface JoinOptions extends StreamOptions, CreateOptions {
  /** Default: the name in the user's token. */
  readonly nickname?: string
  /** Continue as the player that this user already is. */
  readonly resume?: boolean
}

export interface SessionsOptions {
  /** Default 20. */
  readonly limit?: number
  readonly cursor?: string
  readonly status?: Status
}

export interface PageOptions {
  /** Default 20. */
  readonly limit?: number
  /** `nextCursor` of the page before. */
  readonly cursor?: string
}

export interface QuizzesOptions extends PageOptions {
  /** Words that the title has. */
  readonly query?: string
  readonly tag?: string
}

/** Every method throws PodiumProblem and nothing else. */
export interface PodiumClient {
  createQuiz(quiz: CreateQuizRequest, options?: CreateOptions): Promise<CreateQuizResponse>
  /** The host's quizzes, newest change first. */
  quizzes(options?: QuizzesOptions): Promise<QuizList>
  /** The quiz with its keys. */
  quiz(quizId: string): Promise<ReadQuiz>
  /** Puts another content in the place of a quiz's: `precondition-failed` when it is not the one any more that has this `etag`. */
  replaceQuiz(quizId: string, quiz: ReplaceQuizRequest, options: { readonly etag: string }): Promise<ReadQuiz>
  deleteQuiz(quizId: string): Promise<void>
  copyQuiz(quizId: string, options?: CreateOptions): Promise<CreateQuizResponse>
  /** A file that `importQuiz` takes back; `gift` and `csv` say at their top what they leave out. Default `podium`. */
  exportQuiz(quizId: string, format?: 'podium' | 'gift' | 'csv'): Promise<string>
  importQuiz(input: ImportQuizRequest, options?: CreateOptions): Promise<ImportQuizResponse>
  createSession(input: CreateSessionRequest, options?: CreateOptions): Promise<CreateSessionResponse>
  /** The host's sessions, newest first. */
  sessions(options?: SessionsOptions): Promise<SessionList>
  /** What is behind a join code; needs no token. */
  lookUp(joinCode: string): Promise<JoinPreview>
  session(sessionId: string): Promise<Session>
  /**
   * With the `epoch` of the state that the command was decided on, a command that comes too late is refused with `wrong-state`:
   * a button pressed twice has one effect.
   */
  control(sessionId: string, command: HostCommand, options?: { readonly epoch?: number }): Promise<Session>
  removePlayer(sessionId: string, playerId: string): Promise<void>
  results(sessionId: string): Promise<Results>
  resultsCsv(sessionId: string): Promise<string>
  leaderboard(sessionId: string, options?: BoardOptions): Promise<Leaderboard>
  /** Everyone who ever joined, in the order of joining. */
  players(sessionId: string, page?: PageOptions): Promise<PlayerList>
  /** A token for a screen that shows the session: `watch` with it, and nothing else. */
  createDisplay(sessionId: string): Promise<Display>
  /** Finished sessions that this user played, newest first. */
  history(page?: PageOptions): Promise<History>
  /** Questions that this user answered wrong in finished sessions, with key and explanation. */
  mistakes(page?: PageOptions & { readonly tag?: string }): Promise<MistakeList>
  /** Joins by session id or join code; `connect()` of the result starts its stream. */
  join(sessionIdOrCode: string, options?: JoinOptions): Promise<Player>
  /** Continues as a player who joined earlier, also after leaving, with a fresh token; for guests too. */
  resume(credentials: Credentials, options?: StreamOptions): Promise<Player>
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
  const create = <T>(
    path: string,
    body: unknown,
    { idempotencyKey = newId() }: CreateOptions = {},
    limitMs = timeoutMs,
  ) => http.json<T>({ method: 'POST', path, body, idempotencyKey, timeoutMs: limitMs })

  const readQuiz = async (request: HttpRequest): Promise<ReadQuiz> => {
    const { value, etag } = await http.tagged<Quiz>(request)
    return { ...value, etag }
  }

  return {
    createQuiz: (quiz, options) => create('/v1/quizzes', quiz, options),
    quizzes: (page = {}) => get(`/v1/quizzes${queryOf(page)}`),
    quiz: (quizId) => readQuiz({ method: 'GET', path: quizPath(quizId) }),
    replaceQuiz: (quizId, { title, tags, language, questions }, { etag }) =>
      readQuiz({ method: 'PUT', path: quizPath(quizId), body: { title, tags, language, questions }, ifMatch: etag }),
    deleteQuiz: async (quizId) => {
      await http.text({ method: 'DELETE', path: quizPath(quizId) })
    },
    copyQuiz: (quizId, options) => create(quizPath(quizId, '/copy'), undefined, options),
    exportQuiz: (quizId, format = 'podium') =>
      http.text({ method: 'GET', path: quizPath(quizId, `/export${queryOf({ format })}`), accept: '*/*' }),
    // An import may ask a provider that takes its time.
    importQuiz: (input, options) => create('/v1/quizzes/import', input, options, timeoutMs * 3),
    createSession: (input, options) => create('/v1/sessions', input, options),
    sessions: (page = {}) => get(`/v1/sessions${queryOf(page)}`),
    lookUp: (joinCode) => get(`/v1/join/${encodeURIComponent(joinCode)}`),
    session: (sessionId) => get(sessionPath(sessionId)),
    control: (sessionId, command, { epoch } = {}) =>
      post(sessionPath(sessionId, `/${command}`), epoch === undefined ? undefined : { epoch }),
    removePlayer: async (sessionId, playerId) => {
      await http.text({ method: 'DELETE', path: sessionPath(sessionId, `/players/${encodeURIComponent(playerId)}`) })
    },
    results: (sessionId) => get(sessionPath(sessionId, '/results')),
    resultsCsv: (sessionId) =>
      http.text({ method: 'GET', path: sessionPath(sessionId, '/results'), accept: 'text/csv' }),
    players: (sessionId, page = {}) => get(sessionPath(sessionId, `/players${queryOf(page)}`)),
    createDisplay: (sessionId) => post(sessionPath(sessionId, '/displays')),
    history: (page = {}) => get(`/v1/me/results${queryOf(page)}`),
    mistakes: (page = {}) => get(`/v1/me/mistakes${queryOf(page)}`),
    leaderboard: (sessionId, board) => get(leaderboardPath(sessionId, board)),
    join: async (sessionIdOrCode, { nickname, resume, idempotencyKey, ...stream } = {}) => {
      const body = { ...(nickname !== undefined && { nickname }), ...(resume !== undefined && { resume }) }
      const key = idempotencyKey === undefined ? {} : { idempotencyKey }
      const credentials = await create<Credentials>(sessionPath(sessionIdOrCode, '/join'), body, key)
      return createPlayer(server, credentials, stream)
    },
    resume: async ({ sessionId, token }, stream = {}) => {
      const asPlayer = createHttp({ ...server, token })
      const request = { method: 'POST', path: sessionPath(sessionId, '/join'), body: { resume: true } } as const
      const credentials = await asPlayer.json<Credentials>({ ...request, idempotencyKey: newId() })
      return createPlayer(server, credentials, stream)
    },
    player: (credentials, stream = {}) => createPlayer(server, credentials, stream),
    watch: (sessionId, stream = {}) => openStream(http, sessionId, stream),
    time: async () => (await get<{ now: number }>('/v1/time')).now,
  }
}

const quizPath = (quizId: string, rest = ''): string => `/v1/quizzes/${encodeURIComponent(quizId)}${rest}`

const platformOf = ({ fetch, WebSocket, random }: ClientOptions): Platform => {
  const globals = globalThis as unknown as { fetch: FetchLike; WebSocket?: WebSocketConstructor }
  return {
    // Called as a plain function: a browser's fetch insists on its own `this`.
    fetch: fetch ?? ((url, init) => globals.fetch(url, init)),
    WebSocket: WebSocket ?? globals.WebSocket,
    random: random ?? Math.random,
  }
}
