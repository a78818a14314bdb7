import type { Answer } from '#gen/answer_pb'
import type { FeedMessage, SessionInternal, SessionState } from '#gen/feed_pb'
import type { PublishOutcome } from '#lib/publisher'

/** Who is asking, as its token says. */
export type Principal =
  | { readonly kind: 'user'; readonly userId: string; readonly name: string; readonly roles: readonly string[] }
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

/** Verifies bearer tokens. Throws PodiumError `unauthorized`. Idempotent, cached. */
export interface TokenVerifier {
  verify(token: string): Promise<Principal>
}

/** This edge's copy of a session, moved forward by every FEED message in order. */
export interface SessionReplica {
  readonly sessionId: string
  /** Stream sequence of the last applied FEED message. */
  readonly position: number
  readonly state: SessionState
  readonly internal: SessionInternal
  /** Newest known count; lobby updates are newer than state.playerCount. */
  readonly playerCount: number
  /** Monotonic time (clock.monotonic) at which the open question opens for this edge's players. */
  readonly opensAtMonotonic: number | undefined
}

export interface FeedListener {
  /** Called for each FEED message once, in order, after the replica holds it. Must not throw. */
  (replica: SessionReplica, message: FeedMessage): void
}

/** The sessions this edge knows. */
export interface SessionReplicas {
  /** Loads the session on first use. Undefined when there is no such session. @throws PodiumError `unavailable` */
  get(sessionId: string): Promise<SessionReplica | undefined>
  /** The replica if it is here now. */
  peek(sessionId: string): SessionReplica | undefined
  /** Keeps the replica (and its subscription) while somebody is connected; call the result once to let go. */
  retain(sessionId: string): () => void
  /** All FEED messages of all replicas. */
  onFeed(listener: FeedListener): void
  /** A lobby update carries a newer count. */
  setPlayerCount(sessionId: string, playerCount: number): void
}

/** The stream of accepted answers. */
export interface AnswerLog {
  /** Idempotent per (player, answerId); the log itself refuses a second answer to a question by a player. */
  append(answer: Answer): Promise<PublishOutcome>
  /** The stored answer of a player to a question, if there is one. */
  find(sessionId: string, questionIndex: number, playerId: string): Promise<Answer | undefined>
  /** The stored answer at a sequence, if it is still there. */
  at(sequence: number): Promise<Answer | undefined>
}
