import type { Question } from '../game/question.ts'
import type { JoinAsk, Player } from '../game/session/admission.ts'
import type { Card } from '../game/session/prepare-questions.ts'
import type { Settings } from '../game/session/settings.ts'
import type { SessionEvent, SessionState } from '../game/session/state.ts'

/** Who asks, as the edge has verified. */
export interface Actor {
  readonly userId: string
  readonly name: string
  readonly roles: readonly string[]
}

export type StoredQuestion = Question & { readonly questionId: string }

export interface Quiz {
  readonly quizId: string
  readonly hostId: string
  readonly title: string
  readonly createdAt: number
  /** In the order of the quiz. */
  readonly questions: readonly StoredQuestion[]
}

export interface Quizzes {
  create(quiz: Quiz): Promise<void>
  find(quizId: string): Promise<Quiz | undefined>
}

/** The Open Trivia DB. */
export interface QuestionProvider {
  /**
   * A successful response of the provider, as it is. May wait for its turn.
   * @throws PodiumError `malformed` when the provider has no such questions, `unavailable` when it does not answer in time
   */
  fetch(wanted: {
    /** 1–50 */
    readonly amount: number
    readonly category: number | undefined
    readonly difficulty: string | undefined
    readonly kind: string | undefined
  }): Promise<string>
}

/** A session as stored. */
export interface Session {
  readonly sessionId: string
  readonly quizId: string
  readonly hostId: string
  readonly title: string
  readonly joinCode: string
  readonly settings: Settings
  readonly questionCount: number
  /** Joined players: neither left nor removed. */
  readonly playerCount: number
  readonly nextJoinOrder: number
  readonly state: SessionState
}

export interface NewSession extends Session {
  readonly seed: number
  readonly deck: readonly Card[]
  readonly createdAt: number
}

/** A question with all that players may come to see of it; options as shown. */
export interface ShownQuestion extends Card {
  readonly prompt: string
  readonly options: readonly string[]
  readonly explanation: string | undefined
  readonly mediaUrl: string | undefined
}

/** One step of a session: what happened and the state after it. */
export interface Transition {
  readonly event: SessionEvent
  readonly state: SessionState
}

/** A session while nobody else can change it. Everything done here becomes durable at once, or not at all. */
export interface LockedSession {
  readonly session: Session
  /** Writes the state after the last transition; with it a message for each, and a timer when there is a new deadline. */
  record(transitions: readonly Transition[], now: number): Promise<void>
  /** Players of this session who are one of these users or have one of these nicknames. */
  findPlayers(userIds: readonly string[], nicknameKeys: readonly string[]): Promise<readonly Player[]>
  /** Writes players who joined, came back after leaving, or go on on another device; tells the board about new ones. */
  seat(players: {
    readonly joined: readonly Player[]
    readonly returned: readonly Player[]
    readonly resumed: readonly Player[]
  }): Promise<void>
  /**
   * Takes the player's seat; a removed player also goes off the board. Returns the player as before, also when there was
   * nothing to change; undefined when there is no such player.
   */
  unseat(playerId: string, status: 'left' | 'removed'): Promise<Player | undefined>
  /** True when there are joined players and each of them has an answer to the question in the ledger. */
  everyoneAnswered(questionIndex: number): Promise<boolean>
}

/** A session that is due: the phase whose deadline has passed. */
export interface DueSession {
  readonly sessionId: string
  readonly phaseEpoch: number
}

export interface Sessions {
  /** Returns false, with nothing stored, when another live session has the join code. */
  create(session: NewSession): Promise<boolean>
  find(sessionId: string): Promise<Session | undefined>
  /** The session that is not over, or was not a few seconds ago, and has this join code. */
  idOfJoinCode(joinCode: string): Promise<string | undefined>
  /** Runs `step` with the session to itself, after every other step on it, whichever copy of the service does them. */
  locked<T>(sessionId: string, step: (locked: LockedSession) => Promise<T>): Promise<T | undefined>
  questions(sessionId: string, indexes: readonly number[]): Promise<readonly ShownQuestion[]>
  /** Ids of the questions in the order of play. */
  questionIds(sessionId: string): Promise<readonly string[]>
  /** Nicknames of those of these players who are in the session. */
  roster(sessionId: string, playerIds: readonly string[]): Promise<readonly Pick<Player, 'playerId' | 'nickname'>[]>
  /** Players who have come back at least once, as many as fit into one reply. */
  generations(sessionId: string): Promise<readonly Pick<Player, 'playerId' | 'generation'>[]>
  /** Joined players of each of these sessions. */
  playerCounts(sessionIds: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** Epochs of the present phases of these sessions; sessions that do not exist are left out. */
  phaseEpochs(sessionIds: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** Sessions whose deadline was before `before`, longest ago first. */
  due(before: number, limit: number): Promise<readonly DueSession[]>
}

/** The way of accepted answers into the ledger. */
export interface AnswerPipeline {
  /**
   * Resolves with true as soon as every answer that was accepted before the call is in the ledger, with false after
   * `waitMs`. @throws PodiumError or a driver's error when nobody knows
   */
  settled(waitMs: number): Promise<boolean>
}

/** Messages that were committed with a change and have to be published. */
export interface Outbox {
  /** Publishes what the session has waiting, in order. Never rejects: what fails now is published later. */
  flush(sessionId: string): Promise<void>
}

/** Tells the players who came and went, in time and not each one. */
export interface Lobby {
  changed(sessionId: string, who: { readonly joined?: readonly Player[]; readonly left?: readonly Player[] }): void
}

/** Tells the edges that a player goes on with a newer token. Lossy. */
export interface Takeovers {
  announce(sessionId: string, player: Pick<Player, 'playerId' | 'generation'>): void
}

export interface PlayerTokens {
  issue(sessionId: string, player: Player): Promise<string>
}

/** What only chance can give. */
export interface Chance {
  id(): string
  /** A seed within the exact integers. */
  seed(): number
  joinCode(): string
  nameTag(): JoinAsk['tag']
}
