/** The documents of the HTTP API, as in proto/openapi.yaml. Times are milliseconds since the Unix epoch. */

export type QuestionKind =
  | 'single_choice'
  | 'multiple_choice'
  | 'true_false'
  | 'fill_blank'
  | 'ordering'
  | 'numeric'
  | 'poll'
export type Difficulty = 'easy' | 'medium' | 'hard'

/** A number counts as right when it differs from `value` by at most `tolerance`. */
export interface NumericKey {
  readonly value: number
  readonly tolerance: number
}

/** Option index, list of indexes, boolean, list of accepted texts, or a number, by kind. */
export type Key = number | boolean | readonly number[] | readonly string[] | NumericKey

export interface QuestionInput {
  readonly kind: QuestionKind
  readonly prompt: string
  /** Of `ordering`: in the right order. */
  readonly options?: readonly string[]
  /** None for `ordering` and `poll`. */
  readonly correct?: Key
  readonly timeLimitSeconds?: number
  readonly points?: number
  readonly difficulty?: Difficulty
  readonly explanation?: string
  readonly mediaUrl?: string
}

export interface QuizInput {
  readonly title: string
  readonly questions: readonly QuestionInput[]
}

export interface Quiz {
  readonly quizId: string
  readonly title: string
  readonly createdAt: number
  readonly questions: readonly (QuestionInput & { readonly questionId: string })[]
}

export type ImportInput =
  | {
      readonly provider: 'opentdb'
      readonly amount: number
      readonly category?: number
      readonly difficulty?: Difficulty
      readonly kind?: 'single_choice' | 'true_false'
    }
  | { readonly format: 'opentdb' | 'gift' | 'csv' | 'xlsx'; readonly title: string; readonly content: string }

export interface ImportOutcome {
  readonly quizId: string
  readonly imported: number
  readonly skipped: readonly { readonly index: number; readonly reason: string }[]
}

export interface Settings {
  readonly timeLimitSeconds: number
  readonly maxParticipants: number
  readonly questionOrder: 'sequential' | 'random'
  readonly optionOrder: 'fixed' | 'random'
  readonly advance: 'auto' | 'manual'
  readonly autoStartPlayers: number | null
  readonly startDelaySeconds: number
  readonly revealSeconds: number
  readonly closeWhenAllAnswered: boolean
  readonly scoring: 'speed' | 'flat' | 'accuracy'
  readonly streakBonus: boolean
  /**
   * When scores and the board show what answers earned: when the question closes (default), or at once, for practice: then
   * players can tell the right answer while the question is open.
   */
  readonly reveal: 'immediate' | 'on_close'
  readonly lateJoin: boolean
  readonly access: 'users' | 'guests'
  /** Who sees the typed texts in the reveal of a fill_blank. */
  readonly showTypedAnswers: 'host' | 'everyone' | 'none'
}

export type Status = 'lobby' | 'starting' | 'question_open' | 'question_closed' | 'paused' | 'finished' | 'cancelled'

export interface CreatedSession {
  readonly sessionId: string
  readonly joinCode: string
  readonly status: 'lobby'
  readonly settings: Settings
}

/** A question as shown; there is no key in it. */
export interface PublicQuestion {
  readonly questionId: string
  readonly index: number
  readonly count: number
  readonly kind: QuestionKind
  readonly prompt: string
  readonly options?: readonly string[]
  readonly mediaUrl?: string
  readonly points: number
  readonly timeLimitMs: number
  readonly opensAt: number
  readonly closesAt: number
}

export interface Reveal {
  readonly questionId: string
  readonly index: number
  /** None for `poll`. */
  readonly correct?: Key
  readonly explanation?: string
  readonly answerCount: number
  /**
   * Answers per option as shown ([true, false] for true_false); for ordering, how often each option was in its place; for fill_blank and
   * numeric the most frequent texts, as far as `showTypedAnswers` shows them.
   */
  readonly distribution: readonly number[] | readonly { readonly text: string; readonly count: number }[]
}

export interface Me {
  readonly playerId: string
  readonly nickname: string
  /** With `rank`; missing while the board is not available or would tell a result too early. */
  readonly score?: number
  readonly rank?: number
  /** Ids of the questions that this player has answered. */
  readonly answered: readonly string[]
}

export interface SessionState {
  readonly sessionId: string
  readonly title: string
  readonly joinCode: string
  readonly status: Status
  readonly epoch: number
  readonly settings: Settings
  readonly questionCount: number
  readonly playerCount: number
  readonly locked: boolean
  readonly startsAt?: number
  readonly question?: PublicQuestion
  readonly reveal?: Reveal
  readonly nextAt?: number
  readonly pause?: { readonly reasons: readonly string[]; readonly status?: Status; readonly remainingMs?: number }
  readonly finishedAt?: number
  readonly me?: Me
  /** For the host. */
  readonly presence?: Presence
}

/** What anyone with a join code may know of a session before joining. */
export interface JoinPreview {
  readonly sessionId: string
  readonly title: string
  readonly status: Status
  readonly access: Settings['access']
  readonly playerCount: number
  readonly full: boolean
  readonly locked: boolean
}

/** One session of a host. */
export interface SessionSummary {
  readonly sessionId: string
  /** Until the session is over. */
  readonly joinCode?: string
  readonly quizId: string
  readonly title: string
  readonly status: Status
  readonly playerCount: number
  readonly createdAt: number
  readonly startedAt?: number
  readonly finishedAt?: number
}

/** One page of a list. `nextCursor` gets the next one. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor?: string
}

/** Which players have a stream open, as far as the servers know. */
export interface Presence {
  readonly connectedCount: number
  /** Ids of joined players without one; the first of them when they are many. */
  readonly disconnected: readonly string[]
}

export interface Entry {
  readonly rank: number
  readonly playerId: string
  readonly nickname: string
  readonly score: number
  readonly correctAnswers: number
}

export interface Leaderboard {
  /** Grows with every change of the board. */
  readonly version: number
  readonly playerCount: number
  readonly top: readonly Entry[]
  readonly around?: readonly Entry[]
  readonly me?: Entry
}

/** What join returns; keep it to come back after the app was closed. */
export interface Credentials {
  readonly sessionId: string
  readonly playerId: string
  readonly token: string
  readonly nickname: string
}

/**
 * `choice`: single_choice, poll and true_false (0 = true, 1 = false); `choices`: multiple_choice, and ordering with all
 * indexes as shown in the chosen order; `text`: fill_blank; `number`: numeric.
 */
export type AnswerContent =
  | { readonly choice: number }
  | { readonly number: number }
  | { readonly choices: readonly number[] }
  | { readonly text: string }

export interface AnswerReceipt {
  readonly answerId: string
  readonly questionId: string
  readonly receivedAt: number
}

export interface PlayerResult {
  readonly rank: number
  readonly playerId: string
  readonly nickname: string
  readonly score: number
  readonly correctAnswers: number
  readonly correctMs: number
  readonly answers: readonly {
    readonly index: number
    readonly choices?: readonly number[]
    readonly text?: string
    readonly number?: number
    /** Absent for a poll. */
    readonly correct?: boolean
    readonly points: number
    readonly elapsedMs: number
  }[]
}

export interface Results {
  readonly sessionId: string
  readonly title: string
  readonly status: Status
  readonly players: readonly PlayerResult[]
  readonly questions: readonly (Omit<PublicQuestion, 'count' | 'points' | 'timeLimitMs' | 'opensAt' | 'closesAt'> &
    Omit<Reveal, 'questionId' | 'index'> & { readonly correctCount?: number; readonly meanElapsedMs?: number })[]
}

export interface Standing {
  readonly rank: number
  readonly score: number
}

interface At {
  readonly at: number
}

/** The payload of every message of a stream, by its type; the descriptions are in proto/asyncapi.yaml. */
export interface EventData {
  'session.snapshot': SessionState & { readonly leaderboard: Leaderboard; readonly now: number }
  'stream.resumed': { readonly replayed: number }
  'lobby.updated': {
    readonly playerCount: number
    readonly joined: readonly string[]
    readonly left: readonly string[]
  }
  /** For the host: who is connected. */
  'presence.updated': Presence
  'session.starting': { readonly startsAt: number }
  'question.opened': PublicQuestion
  'question.closed': Reveal
  /** Private: what the player's own answer earned. */
  'score.updated': {
    readonly questionId: string
    readonly correct?: boolean
    readonly points: number
    readonly score: number
    readonly streak: number
  }
  'leaderboard.updated': {
    readonly version: number
    readonly playerCount: number
    readonly top: readonly Entry[]
    readonly me?: Standing
  }
  'session.paused': At & { readonly reason: string; readonly remainingMs?: number }
  'session.resumed': At & { readonly reason: string; readonly question?: PublicQuestion }
  'session.locked': At
  'session.unlocked': At
  'session.cancelled': At
  'session.finished': { readonly top: readonly Entry[]; readonly playerCount: number; readonly me?: Standing }
  /** Private; the stream ends. */
  'player.removed': At
  /** Private; the player continues on another device and this stream ends. */
  'player.replaced': At
}

export type EventType = keyof EventData

export interface EventOf<T extends EventType> {
  readonly type: T
  /** Position of the event in the session; absent for state of which only the newest matters. */
  readonly id?: string
  readonly data: EventData[T]
}

/** Any message of a stream; `switch` on `type` narrows `data`. */
export type PodiumEvent = { [T in EventType]: EventOf<T> }[EventType]

export type SessionSnapshot = EventData['session.snapshot']

/** Events after which the server ends the stream for good. */
export const FINAL_EVENTS: Readonly<Record<string, 'player-removed' | 'player-replaced'>> = {
  'player.removed': 'player-removed',
  'player.replaced': 'player-replaced',
}
