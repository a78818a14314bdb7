import type { Player } from '../../game/session/admission.ts'
import type { SessionQuestion } from '../../game/session/prepare-questions.ts'
import type { Settings } from '../../game/session/settings.ts'
import type { SessionEvent, SessionState } from '../../game/session/state.ts'
import type { Query } from '../database.ts'
import type { NamedResult } from '../idempotency.ts'
import type { Place } from '../paging.ts'
import type { ShownQuestion } from './shown-questions.ts'

/** A message to be published because its transaction committed. */
export interface OutboxMessage {
  readonly subject: string
  readonly payload: Buffer
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
  /** When it was counted; grows with every change of the number. */
  readonly countedAt: number
  readonly nextJoinOrder: number
  /** Indexes of the questions without a right answer. */
  readonly unscored: readonly number[]
  readonly state: SessionState
}

/** Joined players of a session as they were at a time. */
export type PlayerCount = Pick<Session, 'playerCount' | 'countedAt'>

export interface NewSession extends Session {
  /** Of the quiz. */
  readonly quizRevision: number
  readonly seed: number
  readonly questions: readonly SessionQuestion[]
  /** Of the scoring rule that the settings name. */
  readonly scoringVersion: number
  /** Of the rule by which texts are compared. */
  readonly textVersion: number
  readonly createdAt: number
}

/** A session while no other transaction can change it. Everything written here becomes durable at once, or not at all. */
export interface LockedSession {
  /** As it was when it was locked. */
  readonly session: Session
  questions(indexes: readonly number[]): Promise<readonly ShownQuestion[]>
  /** Writes the state after `events` and the messages that tell of them. */
  record(change: {
    readonly events: readonly SessionEvent[]
    readonly state: SessionState
    readonly messages: readonly OutboxMessage[]
  }): Promise<void>
  findPlayer(playerId: string): Promise<Player | undefined>
  /** Players of this session who have one of these ids or nicknames, or are one of these users. */
  findPlayers(known: {
    readonly playerIds: readonly string[]
    readonly userIds: readonly string[]
    readonly nicknameKeys: readonly string[]
  }): Promise<readonly Player[]>
  /** Requests to join that were accepted under these names. */
  findJoins(names: readonly string[]): Promise<readonly NamedResult<{ readonly playerId: string }>[]>
  /** Writes new players, and players who came back after leaving or who continue on another device. */
  seat(players: {
    readonly joined: readonly Player[]
    readonly returned: readonly Player[]
    readonly resumed: readonly Player[]
    /** New names of requests, to be found again. */
    readonly names: readonly NamedResult<{ readonly playerId: string }>[]
    readonly messages: readonly OutboxMessage[]
  }): Promise<PlayerCount>
  /** Writes that players left or were removed; `players` are those before. With `freesName` others may take the nicknames. */
  unseat(
    players: readonly Player[],
    status: 'left' | 'removed',
    messages: readonly OutboxMessage[],
    freesName?: boolean,
  ): Promise<PlayerCount>
  /** True when there are joined players and each of them has an answer to the question in the ledger. */
  everyoneAnswered(questionIndex: number): Promise<boolean>
}

/** A session with the questions that its state speaks of. */
export interface SessionView {
  readonly session: Session
  readonly questions: readonly ShownQuestion[]
  /** Players whose older tokens are out of date; only where edges ask for the session. */
  readonly generations?: readonly Pick<Player, 'playerId' | 'generation' | 'status'>[]
}

/** The phase whose deadline has passed. */
export interface DueSession {
  readonly sessionId: string
  readonly phaseEpoch: number
}

/** What a request to join needs to know of a session: fixed when it is created. */
export interface Door {
  readonly sessionId: string
  readonly access: Settings['access']
  readonly guestSeatsPerAddress: number
}

export interface ListedSession {
  readonly sessionId: string
  readonly createdAt: number
  readonly joinCode: string
  readonly quizId: string
  readonly title: string
  readonly status: string
  readonly playerCount: number
  readonly startedAt: number | undefined
  readonly finishedAt: number | undefined
}

export interface ListedPlayer extends Pick<Player, 'playerId' | 'nickname' | 'joinOrder' | 'status'> {
  readonly joinedAt: number
}

/** A question that closes as soon as all players have answered it. */
export interface WatchedQuestion {
  readonly sessionId: string
  readonly index: number
  readonly playerCount: number
}

/** Where sessions are kept: Postgres, or memory in tests of interleavings. */
export interface SessionStore {
  /** Returns false, with nothing stored, when another live session has the join code or the quiz is in another revision. */
  create(session: NewSession, inside: Query): Promise<boolean>
  find(sessionId: string): Promise<Session | undefined>
  /** What decides about a request to join before the session is locked: of an id, or of a join code of a live session. */
  findDoor(idOrCode: string): Promise<Door | undefined>
  /** How many sessions are live, counted up to `most`. */
  countLive(most: number): Promise<number>
  /**
   * Runs `step` with the session to itself, after every other step on it in any copy of the service. Undefined when there is
   * no such session.
   */
  locked<T>(sessionId: string, step: (locked: LockedSession) => Promise<T>): Promise<T | undefined>
  questions(sessionId: string, indexes: readonly number[]): Promise<readonly ShownQuestion[]>
  /** Ids of the questions in the order of play. */
  questionIds(sessionId: string): Promise<readonly string[]>
  /** Players of a session who joined after the one with this number, in the order of joining, also those who are gone. */
  players(sessionId: string, after: number, limit: number): Promise<readonly ListedPlayer[]>
  /** Nicknames of those of these players who are in the session. */
  roster(sessionId: string, playerIds: readonly string[]): Promise<readonly Pick<Player, 'playerId' | 'nickname'>[]>
  /** Players who have come back or left, as many as fit into one reply. */
  generations(sessionId: string): Promise<readonly Pick<Player, 'playerId' | 'generation' | 'status'>[]>
  /** Sessions of a host before `before`, newest first. */
  ofHost(host: {
    readonly hostId: string
    readonly status: string | undefined
    readonly before: Place | undefined
    readonly limit: number
  }): Promise<readonly ListedSession[]>
  /** Joined players of each of these sessions. */
  playerCounts(sessionIds: readonly string[]): Promise<ReadonlyMap<string, PlayerCount>>
  /** The open questions among these sessions that close when all players have answered. */
  watchedQuestions(sessionIds: readonly string[]): Promise<readonly WatchedQuestion[]>
  /** Epochs of the present phases of these sessions; sessions that do not exist are left out. */
  phaseEpochs(sessionIds: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** Sessions whose deadline was before `before`, longest ago first. */
  due(before: number, limit: number): Promise<readonly DueSession[]>
}
