import type { JsonObject } from '@bufbuild/protobuf'
import type { Answer } from '#gen/answer_pb'
import type {
  CreateQuizResult,
  CreateSessionResult,
  ImportQuizResult,
  JoinResult,
  Quiz,
  ResultsResult,
} from '#gen/command_pb'
import type { FeedMessage, SessionInternal, SessionState } from '#gen/feed_pb'
import type { PublishOutcome } from '#platform/publisher'
import type { Span } from '#platform/telemetry'
import type { CommandCaller } from '#platform/telemetry/commands'
import type { AnswerFields } from '../game/kinds/kind.ts'

/** Who is asking, as its token says. */
export type Principal =
  | {
      readonly kind: 'user'
      readonly userId: string
      readonly name: string
      readonly roles: readonly string[]
      /** Seconds since the epoch. */
      readonly expiresAt: number
    }
  | {
      readonly kind: 'player'
      readonly playerId: string
      readonly sessionId: string
      readonly joinOrder: number
      readonly generation: number
      readonly nickname: string
      /** Seconds since the epoch. */
      readonly expiresAt: number
    }

/** Verifies bearer tokens. Idempotent, cached. */
export interface TokenVerifier {
  /** What a token that was verified before says; undefined for any other one. Costs a look-up. */
  recall(token: string): Principal | undefined
  /** @throws PodiumError `unauthorized`, `unavailable` while there are no keys or too much to verify */
  verify(token: string): Promise<Principal>
}

/** This edge's copy of a session, moved forward by every FEED message in order. */
export interface SessionReplica {
  readonly sessionId: string
  readonly hostUserId: string
  /** Stream sequence of the last applied FEED message. */
  readonly position: number
  readonly state: SessionState
  readonly internal: SessionInternal
  /** Newest known count; lobby updates are newer than state.playerCount. */
  readonly playerCount: number
  /** Monotonic time (clock.monotonic) at which the open question opens for this edge's players. */
  readonly opensAtMonotonic: number | undefined
  /** The host has removed this player: the token is dead. */
  isRemoved(playerId: string): boolean
  /** The player has a newer token than this. */
  isReplaced(player: Pick<PlayerPrincipal, 'playerId' | 'generation'>): boolean
}

/** Called for each FEED message once, in order, after the replica holds it. Must not throw. */
export type FeedListener = (replica: SessionReplica, message: FeedMessage) => void

/** The sessions this edge knows. */
export interface SessionReplicas {
  /** Loads the session on first use. Undefined when there is no such session. @throws PodiumError `unavailable` */
  get(sessionId: string): Promise<SessionReplica | undefined>
  /** The replica when it is here with nothing missing; counts as use. Otherwise `get` tells. */
  ready(sessionId: string): SessionReplica | undefined
  /** The replica if it is here now. */
  peek(sessionId: string): SessionReplica | undefined
  /** Keeps the replica (and its subscription) while a client is connected; call the result once to release it. */
  retain(sessionId: string): () => void
  /** All FEED messages of all replicas. */
  onFeed(listener: FeedListener): void
  /** A player continues with a token of this generation. */
  noteGeneration(sessionId: string, player: Pick<PlayerPrincipal, 'playerId' | 'generation'>): void
  /** A lobby update carries a newer count. */
  setPlayerCount(sessionId: string, playerCount: number): void
  /**
   * Called when a replica comes into being, before its player count is asked for, with the id; what it returns is called
   * when the replica is dropped. For subscriptions that live as long as the replica.
   */
  onOpen(listener: (sessionId: string) => () => void): void
}

/** The stream of accepted answers. */
export interface AnswerLog {
  /** The log itself refuses a second answer to a question by a player, also the same one again. */
  append(answer: Answer, span?: Span): Promise<PublishOutcome>
  /** The stored answer of a player to a question, if there is one. */
  find(sessionId: string, questionIndex: number, playerId: string): Promise<Answer | undefined>
}

/** Ids of a session's questions in the order of play. @throws PodiumError `unavailable`, `not-found` */
export interface QuestionIds {
  /** Asked once per session, then cached. */
  of(sessionId: string): Promise<readonly string[]>
}

/** `me` of a player: where he stands on this edge's replica of the board. */
export interface PlayerView {
  readonly playerId: string
  readonly nickname: string
  /** `score` and `rank` are absent while they would tell, or may tell, the result of a question that is still hidden. */
  readonly score?: number
  readonly rank?: number
  /** Questions that the player has answered, in the order of play. */
  readonly answered: readonly string[]
}

/** Who of a session's players is connected. */
export interface PresenceView {
  readonly connectedCount: number
  /** Players without a stream in the order of joining, the first hundred. */
  readonly disconnected: readonly string[]
}

/** The board replicas, as far as the HTTP half asks them. */
export interface Standings {
  /** Loads the board on first use. @throws PodiumError `unavailable` */
  of(player: PlayerPrincipal): Promise<PlayerView>
  /** The session's replica must be there. @throws PodiumError `unavailable` */
  presence(sessionId: string): Promise<PresenceView>
}

export type UserPrincipal = Extract<Principal, { kind: 'user' }>
export type PlayerPrincipal = Extract<Principal, { kind: 'player' }>

/** One message of FEED. */
export interface FeedEntry {
  /** Stream sequence: the position that clients resume from. */
  readonly position: number
  /** Position of the message before it on the same subject, 0 for the first; undefined when read back from the stream. */
  readonly previous: number | undefined
  readonly message: FeedMessage
}

/** The stored and the live feed of sessions. */
export interface FeedLog {
  /** Live messages, in order, possibly with holes. Must not throw. The result ends it. */
  subscribe(sessionId: string, listener: (entry: FeedEntry) => void): () => void
  /** The newest message; undefined when there is none. @throws PodiumError `unavailable` */
  last(sessionId: string): Promise<FeedEntry | undefined>
  /** The first message after a position; undefined when there is none. @throws PodiumError `unavailable` */
  next(sessionId: string, position: number): Promise<FeedEntry | undefined>
}

/** The connection to the bus. */
export interface Link {
  isUp(): boolean
  /** The connection is gone; live messages are lost until it is back. */
  onDown(listener: () => void): void
  /** It is back and every subscription with it. */
  onUp(listener: () => void): void
}

/** What `session` itself says about a session. */
export interface SessionSource {
  /** Undefined when there is no such session. @throws PodiumError `unavailable` */
  get(sessionId: string): Promise<FeedMessage | undefined>
}

/** A sound request body of an answer; whether it fits the question is decided later. */
export interface AnswerBody extends AnswerFields {
  readonly answerId: string
  readonly questionId: string
}

/** Commands of a host to a session. */
export const CONTROLS = ['start', 'next', 'close', 'pause', 'resume', 'lock', 'unlock', 'end', 'cancel'] as const
export type Control = (typeof CONTROLS)[number]

/**
 * What only `session` can do. Bodies are sound JSON in the form of the API. Roles and ownership are decided there.
 * @throws PodiumError its refusal, or `unavailable`
 */
export interface Commands {
  /** The same on behalf of a request, whose trace they show up in. */
  on(caller: CommandCaller): Commands
  createQuiz(actor: UserPrincipal, body: JsonObject): Promise<CreateQuizResult>
  getQuiz(actor: UserPrincipal, quizId: string): Promise<Quiz>
  importQuiz(actor: UserPrincipal, body: JsonObject): Promise<ImportQuizResult>
  createSession(actor: UserPrincipal, body: JsonObject): Promise<CreateSessionResult>
  /** `session` is an id or a join code; without an actor it is a guest who joins. `address`: whose failures count. */
  join(actor: UserPrincipal | undefined, session: string, body: JsonObject, address: string): Promise<JoinResult>
  leave(player: PlayerPrincipal): Promise<void>
  control(actor: UserPrincipal, sessionId: string, control: Control): Promise<SessionState>
  removePlayer(actor: UserPrincipal, sessionId: string, playerId: string): Promise<void>
  results(actor: UserPrincipal, sessionId: string): Promise<ResultsResult>
  questionIds(sessionId: string): Promise<readonly string[]>
}
