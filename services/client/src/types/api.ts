// Made of proto/openapi.yaml and proto/asyncapi.yaml by make gen.

export type Id = string

/** Milliseconds since the Unix epoch. */
export type Timestamp = number

export type JoinCode = string

export interface Time {
  readonly now: Timestamp
}

export interface Health {
  readonly status: 'ok'
}

export type ErrorCode = 'session-not-found' | 'already-joined' | 'session-locked' | 'session-full' | 'too-many-guests' | 'quota-exceeded' | 'session-over' | 'late-join-off' | 'nickname-invalid' | 'not-a-participant' | 'question-not-in-quiz' | 'already-answered' | 'answer-id-reused' | 'idempotency-key-reused' | 'question-not-open' | 'question-closed' | 'session-paused' | 'answer-invalid' | 'unauthorized' | 'forbidden' | 'not-found' | 'wrong-state' | 'precondition-required' | 'precondition-failed' | 'malformed' | 'too-large' | 'unsupported-media-type' | 'method-not-allowed' | 'rate-limited' | 'unavailable' | 'internal'

export interface FieldError {
  /** JSON pointer into the request body, or into the query taken as an object */
  readonly pointer: string
  /** Such as `required`, `type`, `maximum`. */
  readonly code: string
}

/** RFC 9457. `state`, with `wrong-state` of a command, is the one that the session has. */
export interface Problem {
  /** `urn:podium:problem:` and the code */
  readonly type: string
  readonly title: string
  readonly status: number
  /** For people; it may change. */
  readonly detail: string
  /** The path of the request. */
  readonly instance: string
  readonly code: ErrorCode
  /** Of this request, over a WebSocket of this message; what to quote in a report. */
  readonly traceId: string
  readonly errors?: readonly FieldError[]
  /** With `already-joined`: the player that `resume` continues as. */
  readonly playerId?: string
  readonly state?: Session
  /** With `rate-limited`: the limit, as in the RateLimit-Policy header. */
  readonly policy?: string
  /** With `rate-limited`: when there is room again. */
  readonly retryAfterSeconds?: number
}

export type Kind = 'single_choice' | 'multiple_choice' | 'true_false' | 'fill_blank' | 'ordering' | 'numeric' | 'poll'

export type Difficulty = 'easy' | 'medium' | 'hard'

export type MediaKind = 'image' | 'audio' | 'video'

/** Something to look at or to listen to, at an address of the host's. */
export interface Media {
  readonly kind: MediaKind
  readonly url: string
  /** What it shows or says, for those who cannot see or hear it. */
  readonly alt?: string
  readonly durationMs?: number
}

export type OptionText = string

export interface OptionWithMedia {
  readonly text: OptionText
  readonly media?: Media
}

/** The text of an option; an object where something is shown or played with it. */
export type Option = OptionText | OptionWithMedia

/** No two of them may read the same (`duplicate-options`). */
export type Options = readonly Option[]

export type Tags = readonly string[]

/** BCP 47, such as `en` or `pt-BR`. */
export type Language = string

/** What questions of every kind have. */
export interface QuestionContent {
  readonly prompt: string
  /** Default is that of the session. */
  readonly timeLimitSeconds?: number
  /** Default is 1000. */
  readonly points?: number
  readonly difficulty?: Difficulty
  readonly explanation?: string
  readonly tags?: Tags
  readonly language?: Language
  readonly media?: Media
  /** Short form of `media`, whose kind follows from the name of the file. Beside `media` it is its `url`. */
  readonly mediaUrl?: string
}

export interface SingleChoiceQuestion extends QuestionContent {
  readonly kind: 'single_choice'
  readonly options: Options
  /** Index of the right option. */
  readonly correct: number
}

export interface MultipleChoiceQuestion extends QuestionContent {
  readonly kind: 'multiple_choice'
  readonly options: Options
  /** Indexes of the right options. */
  readonly correct: readonly number[]
}

export interface TrueFalseQuestion extends QuestionContent {
  readonly kind: 'true_false'
  readonly correct: boolean
}

export interface FillBlankQuestion extends QuestionContent {
  readonly kind: 'fill_blank'
  /** Accepted texts. */
  readonly correct: readonly string[]
}

/** The options are the key, in the right order; players see them shuffled. */
export interface OrderingQuestion extends QuestionContent {
  readonly kind: 'ordering'
  readonly options: Options
}

export interface NumericQuestion extends QuestionContent {
  readonly kind: 'numeric'
  readonly correct: NumericKey
}

/** There is no right answer and there are no points. */
export interface PollQuestion extends QuestionContent {
  readonly kind: 'poll'
  readonly options: Options
}

/** A question with its key, in the form of its kind. */
export type Question = SingleChoiceQuestion | MultipleChoiceQuestion | TrueFalseQuestion | FillBlankQuestion | OrderingQuestion | NumericQuestion | PollQuestion

/** A number is right when it differs from `value` by at most `tolerance`. */
export interface NumericKey {
  readonly value: number
  readonly tolerance: number
}

/** By kind: single_choice the index of the option as shown, multiple_choice their indexes, true_false a boolean, fill_blank the accepted texts, ordering the indexes as shown in the right order, numeric the number. A poll has none. */
export type Key = number | boolean | readonly number[] | readonly string[] | NumericKey

export interface CreateQuizRequest {
  readonly title: string
  readonly tags?: Tags
  readonly language?: Language
  readonly questions: readonly Question[]
}

/** A new content. Ids and times, as GET has them, are ignored. */
export interface ReplaceQuizRequest {
  readonly title: string
  readonly tags?: Tags
  readonly language?: Language
  readonly questions: readonly Question[]
  readonly quizId?: string
  readonly createdAt?: Timestamp
  readonly updatedAt?: Timestamp
}

export interface CreateQuizResponse {
  readonly quizId: Id
}

export type QuizQuestion = Question & {
  readonly questionId: Id
}

export interface Quiz {
  readonly quizId: Id
  readonly title: string
  readonly language?: Language
  readonly tags: Tags
  readonly createdAt: Timestamp
  readonly updatedAt: Timestamp
  readonly questions: readonly QuizQuestion[]
}

export interface QuizSummary {
  readonly quizId: Id
  readonly title: string
  readonly language?: Language
  readonly tags: Tags
  readonly questionCount: number
  readonly createdAt: Timestamp
  readonly updatedAt: Timestamp
}

export interface QuizList {
  readonly items: readonly QuizSummary[]
  /** Absent with the last page. */
  readonly nextCursor?: string
}

/** A file of the format `podium`. */
export interface QuizFile {
  readonly format: 'podium'
  readonly version: '1'
  readonly title: string
  readonly language?: Language
  readonly tags?: Tags
  readonly questions: readonly Question[]
}

export interface ImportFromProvider {
  readonly provider: 'opentdb'
  readonly amount: number
  readonly category?: number
  readonly difficulty?: Difficulty
  readonly kind?: 'single_choice' | 'true_false'
}

export interface ImportDocument {
  /** content of xlsx is the workbook in base64 */
  readonly format: 'opentdb' | 'gift' | 'csv' | 'xlsx'
  readonly title: string
  readonly content: string
}

/** What an export of this format holds; its title counts where none is given. */
export interface ImportFile {
  readonly format: 'podium'
  readonly title?: string
  readonly content: string
}

export type ImportQuizRequest = ImportFromProvider | ImportFile | ImportDocument

export interface SkippedQuestion {
  readonly index: number
  readonly reason: string
}

export interface ImportQuizResponse {
  readonly quizId: Id
  readonly imported: number
  readonly skipped: readonly SkippedQuestion[]
}

export type QuestionOrder = 'sequential' | 'random'

export type OptionOrder = 'fixed' | 'random'

export type Advance = 'auto' | 'manual'

/** `speed`: points · credit, down to half of it at the last moment. `flat`: points · credit. `accuracy`: the same, and no streak bonus. */
export type Scoring = 'speed' | 'flat' | 'accuracy'

/** When scores and the leaderboard show what answers to a question earned. `on_close`: when it closes. `immediate`: as soon as an answer is scored, for practice: who knows how to look, with a second player for instance, sees the key before the close. */
export type RevealTime = 'immediate' | 'on_close'

export type Access = 'users' | 'guests'

/** Who sees typed answers at the reveal; players only those that the word filter lets through. */
export type TypedAnswers = 'host' | 'everyone' | 'none'

/** The settings of a new session. What is left out has its default. */
export interface SettingsInput {
  readonly timeLimitSeconds?: number
  readonly maxParticipants?: number
  readonly questionOrder?: QuestionOrder
  readonly optionOrder?: OptionOrder
  readonly advance?: Advance
  readonly autoStartPlayers?: number | null
  readonly startDelaySeconds?: number
  readonly revealSeconds?: number
  readonly closeWhenAllAnswered?: boolean
  readonly scoring?: Scoring
  readonly streakBonus?: boolean
  readonly reveal?: RevealTime
  readonly lateJoin?: boolean
  readonly access?: Access
  /** Guests that may join from one address (an IPv6 /64). Default 40 % of maxParticipants, at least 40. */
  readonly guestSeatsPerAddress?: number
  readonly showTypedAnswers?: TypedAnswers
  readonly lagCompensation?: LagCompensation
}

/** Whether the delay of the network is taken off the answering time: as the edge measures it by the pongs of a player's WebSocket, at most 300 ms a question. Nothing is measured of players without a WebSocket. */
export type LagCompensation = 'measured' | 'off'

/** The settings of a session. */
export interface Settings {
  readonly timeLimitSeconds: number
  readonly maxParticipants: number
  readonly questionOrder: QuestionOrder
  readonly optionOrder: OptionOrder
  readonly advance: Advance
  readonly autoStartPlayers: number | null
  readonly startDelaySeconds: number
  readonly revealSeconds: number
  readonly closeWhenAllAnswered: boolean
  readonly scoring: Scoring
  readonly streakBonus: boolean
  readonly reveal: RevealTime
  readonly lateJoin: boolean
  readonly access: Access
  readonly guestSeatsPerAddress: number
  readonly showTypedAnswers: TypedAnswers
  readonly lagCompensation: LagCompensation
}

export interface CreateSessionRequest {
  readonly quizId: string
  readonly settings?: SettingsInput
}

export interface CreateSessionResponse {
  readonly sessionId: Id
  readonly joinCode: JoinCode
  readonly status: 'lobby'
  readonly settings: Settings
}

export type Status = 'lobby' | 'starting' | 'question_open' | 'question_closed' | 'paused' | 'finished' | 'cancelled'

export type HostCommand = 'start' | 'next' | 'close' | 'pause' | 'resume' | 'lock' | 'unlock' | 'end' | 'cancel'

/** What questions of every kind have when they are shown. */
export interface PublicQuestionContent {
  readonly questionId: Id
  readonly index: number
  readonly count: number
  readonly prompt: string
  readonly media?: Media
  /** Address of `media`. */
  readonly mediaUrl?: string
  readonly points: number
  readonly timeLimitMs: number
  readonly opensAt: Timestamp
  readonly closesAt: Timestamp
}

export interface PublicSingleChoiceQuestion extends PublicQuestionContent {
  readonly kind: 'single_choice'
  readonly options: Options
}

export interface PublicMultipleChoiceQuestion extends PublicQuestionContent {
  readonly kind: 'multiple_choice'
  readonly options: Options
}

export interface PublicTrueFalseQuestion extends PublicQuestionContent {
  readonly kind: 'true_false'
}

export interface PublicFillBlankQuestion extends PublicQuestionContent {
  readonly kind: 'fill_blank'
}

export interface PublicOrderingQuestion extends PublicQuestionContent {
  readonly kind: 'ordering'
  readonly options: Options
}

export interface PublicNumericQuestion extends PublicQuestionContent {
  readonly kind: 'numeric'
}

export interface PublicPollQuestion extends PublicQuestionContent {
  readonly kind: 'poll'
  readonly options: Options
}

/** A question as shown, in the form of its kind. There is no key in it. */
export type PublicQuestion = PublicSingleChoiceQuestion | PublicMultipleChoiceQuestion | PublicTrueFalseQuestion | PublicFillBlankQuestion | PublicOrderingQuestion | PublicNumericQuestion | PublicPollQuestion

export interface TextCount {
  readonly text: string
  readonly count: number
}

/** Answers per option as shown; for true_false [true, false]; for ordering how often each option was put where it belongs. */
export type OptionCounts = readonly number[]

/** The most frequent texts or numbers, as far as the setting `showTypedAnswers` shows them to the caller (empty otherwise), for players without those that the word filter refuses. */
export type TextCounts = readonly TextCount[]

/** By kind, texts for fill_blank and numeric. */
export type Distribution = OptionCounts | TextCounts

/** The part of a reveal that is the same for every kind of question. */
export interface RevealContent {
  readonly questionId: Id
  readonly index: number
  readonly explanation?: string
  readonly answerCount: number
}

export interface SingleChoiceReveal extends RevealContent {
  readonly kind: 'single_choice'
  /** Index of the right option as shown. */
  readonly correct: number
  readonly distribution: OptionCounts
}

export interface MultipleChoiceReveal extends RevealContent {
  readonly kind: 'multiple_choice'
  /** Indexes of the right options as shown. */
  readonly correct: readonly number[]
  readonly distribution: OptionCounts
}

export interface TrueFalseReveal extends RevealContent {
  readonly kind: 'true_false'
  readonly correct: boolean
  readonly distribution: OptionCounts
}

export interface FillBlankReveal extends RevealContent {
  readonly kind: 'fill_blank'
  /** Accepted texts. */
  readonly correct: readonly string[]
  readonly distribution: TextCounts
}

export interface OrderingReveal extends RevealContent {
  readonly kind: 'ordering'
  /** Indexes of the options as shown, in the right order. */
  readonly correct: readonly number[]
  readonly distribution: OptionCounts
}

export interface NumericReveal extends RevealContent {
  readonly kind: 'numeric'
  readonly correct: NumericKey
  readonly distribution: TextCounts
}

export interface PollReveal extends RevealContent {
  readonly kind: 'poll'
  readonly distribution: OptionCounts
}

/** A closed question with its key and what was answered, in the form of its kind. A poll has no key. */
export type Reveal = SingleChoiceReveal | MultipleChoiceReveal | TrueFalseReveal | FillBlankReveal | OrderingReveal | NumericReveal | PollReveal

/** `score` and `rank` are there unless the board is not: while the leaderboard service is unavailable, or while it would tell the result of a question that is still open (`reveal` `on_close`, and this edge came in later). */
export interface Me {
  readonly playerId: Id
  readonly nickname: string
  readonly score?: number
  readonly rank?: number
  /** Questions, in the order of play. */
  readonly answered: readonly Id[]
}

/** Why the session is paused, and the `status` that it returns to. */
export interface Pause {
  readonly reasons: readonly string[]
  readonly status: Status
  /** What is left of the open question. */
  readonly remainingMs?: number
}

/** The public state of a session. */
export interface SessionState {
  readonly sessionId: Id
  readonly title: string
  readonly joinCode: JoinCode
  readonly status: Status
  /** Grows by one with every transition. */
  readonly epoch: number
  readonly settings: Settings
  readonly questionCount: number
  readonly playerCount: number
  readonly locked: boolean
  readonly startsAt?: Timestamp
  readonly question?: PublicQuestion
  readonly reveal?: Reveal
  readonly nextAt?: Timestamp
  readonly pause?: Pause
  readonly finishedAt?: Timestamp
}

/** The state, with `me` for a player and `presence` for the host. */
export interface Session extends SessionState {
  readonly me?: Me
  readonly presence?: Presence
}

/** Which players have an open stream, on whatever edge. For the host. */
export interface Presence {
  readonly connectedCount: number
  /** Players without a stream in the order of joining, the first hundred. */
  readonly disconnected: readonly Id[]
}

export interface RemovePlayersRequest {
  readonly playerIds: readonly Id[]
}

export interface ControlRequest {
  /** The `epoch` of the state that the command was decided on; `wrong-state` when the session has moved on. */
  readonly epoch?: number
}

export interface JoinPreview {
  readonly sessionId: Id
  readonly title: string
  readonly status: Status
  readonly access: Access
  readonly playerCount: number
  readonly full: boolean
  readonly locked: boolean
}

export interface SessionSummary {
  readonly sessionId: Id
  /** Until the session is over. */
  readonly joinCode?: JoinCode
  readonly quizId: Id
  readonly title: string
  readonly status: Status
  readonly playerCount: number
  readonly createdAt: Timestamp
  readonly startedAt?: Timestamp
  readonly finishedAt?: Timestamp
}

export interface SessionList {
  readonly items: readonly SessionSummary[]
  /** Absent with the last page. */
  readonly nextCursor?: string
}

export interface JoinRequest {
  /** 1 to 24 characters (code points) after NFKC; the token's name by default. `nickname-invalid` says why not in `errors`: `minLength`, `maxLength`, `pattern` (a character that cannot be seen, or a joiner that neither an emoji nor the script needs), `taken`, `forbidden-word`. */
  readonly nickname?: string
  readonly resume?: boolean
}

/** Keep it to come back after the app was closed. */
export interface Credentials {
  readonly sessionId: Id
  readonly playerId: Id
  readonly token: string
  readonly nickname: string
}

/** Made by the client before the first attempt; a UUID is a good choice. */
export type AnswerId = string

/** To single_choice and poll; to true_false with 0 = true and 1 = false. */
export interface ChoiceAnswer {
  readonly answerId: AnswerId
  readonly questionId: string
  readonly choice: number
}

/** To multiple_choice, in any order; to ordering: all indexes as shown, in the chosen order. */
export interface ChoicesAnswer {
  readonly answerId: AnswerId
  readonly questionId: string
  readonly choices: readonly number[]
}

/** To fill_blank. */
export interface TextAnswer {
  readonly answerId: AnswerId
  readonly questionId: string
  readonly text: string
}

/** To numeric. */
export interface NumberAnswer {
  readonly answerId: AnswerId
  readonly questionId: string
  readonly number: number
}

/** By the kind of the question; another one is `answer-invalid`. */
export type AnswerRequest = ChoiceAnswer | ChoicesAnswer | TextAnswer | NumberAnswer

export interface AnswerAccepted {
  readonly answerId: string
  readonly questionId: Id
  readonly receivedAt: Timestamp
}

/** One row of the board. */
export interface Entry {
  readonly rank: number
  readonly playerId: Id
  readonly nickname: string
  readonly score: number
  readonly correctAnswers: number
}

/** Grows with every change of the board. 0 = the board is not known or not to be seen now; `top` is empty then. */
export type BoardVersion = number

export interface Leaderboard {
  readonly version: BoardVersion
  readonly playerCount: number
  readonly top: readonly Entry[]
  readonly around?: readonly Entry[]
  readonly me?: Entry
}

/** One answer of a player, in the form of the question's kind; `correct` is absent for a poll. */
export interface AnswerResult {
  readonly index: number
  readonly choices?: readonly number[]
  readonly text?: string
  readonly number?: number
  readonly correct?: boolean
  readonly points: number
  readonly elapsedMs: number
}

export interface PlayerResult {
  readonly rank: number
  readonly playerId: Id
  readonly nickname: string
  readonly score: number
  readonly correctAnswers: number
  /** Time that the correct answers took. */
  readonly correctMs: number
  readonly answers: readonly AnswerResult[]
}

/** Before the question was closed without correct, explanation and correctCount, and with an empty distribution. The texts of a distribution take 1 MiB in all questions together, and each question has an equal share: where there are very many, the least frequent texts are left out, and a single one that is longer is cut (…). */
export interface QuestionResult {
  readonly questionId: Id
  readonly index: number
  readonly kind: Kind
  readonly prompt: string
  readonly options?: readonly Option[]
  readonly points: number
  readonly correct?: Key
  readonly explanation?: string
  readonly answerCount: number
  readonly correctCount?: number
  readonly meanElapsedMs?: number
  readonly distribution: Distribution
}

export interface Results {
  readonly sessionId: Id
  readonly title: string
  readonly status: Status
  readonly players: readonly PlayerResult[]
  readonly questions: readonly QuestionResult[]
}

/** In the form of the question's kind; empty for a text that was erased. */
export interface OwnAnswer {
  readonly choice?: number
  readonly choices?: readonly number[]
  readonly text?: string
  readonly number?: number
}

/** A question with its key, options as shown, and what the player made of it. */
export interface ReviewedQuestion {
  readonly questionId: Id
  readonly index: number
  readonly kind: Kind
  readonly prompt: string
  readonly options?: readonly Option[]
  readonly media?: Media
  /** Address of `media`. */
  readonly mediaUrl?: string
  /** Absent without one. */
  readonly answer?: OwnAnswer
  readonly correct?: Key
  /** How much of it was right. */
  readonly credit: number
  readonly points: number
  readonly elapsedMs?: number
  readonly explanation?: string
}

export interface OwnResults {
  readonly nickname: string
  readonly rank: number
  readonly score: number
  readonly correctAnswers: number
  /** Those that were closed, in the order of play. */
  readonly questions: readonly ReviewedQuestion[]
}

export interface PlayedSession {
  readonly sessionId: Id
  readonly title: string
  readonly finishedAt: Timestamp
  readonly rank: number
  readonly score: number
  readonly correctAnswers: number
  readonly questionCount: number
  readonly playerCount: number
}

export interface History {
  readonly items: readonly PlayedSession[]
  /** Absent with the last page. */
  readonly nextCursor?: string
}

/** A question that was not answered right, in a finished session. */
export interface Mistake extends ReviewedQuestion {
  readonly sessionId: Id
  readonly title: string
  readonly finishedAt: Timestamp
  readonly tags?: Tags
}

export interface MistakeList {
  readonly items: readonly Mistake[]
  /** Absent with the last page. */
  readonly nextCursor?: string
}

export interface ListedPlayer {
  readonly playerId: Id
  /** Empty when the person was erased. */
  readonly nickname: string
  readonly joinedAt: Timestamp
  /** Has a stream open, on whatever edge. */
  readonly connected: boolean
  readonly removed: boolean
}

export interface PlayerList {
  readonly items: readonly ListedPlayer[]
  /** Absent with the last page. */
  readonly nextCursor?: string
}

export interface Display {
  readonly token: string
  readonly expiresAt: Timestamp
}

/** Position of the event in its session. */
export type EventId = number

/** Chosen by the client; the reply has the same. */
export type Ref = string | number

/** Everything that the edge sends. */
export type ServerMessage = SessionSnapshotMessage | StreamResumedMessage | LobbyUpdatedMessage | SessionStartingMessage | QuestionUpcomingMessage | QuestionOpenedMessage | QuestionExtendedMessage | QuestionClosedMessage | ScoreUpdatedMessage | LeaderboardUpdatedMessage | LeaderboardChangedMessage | AnswersProgressMessage | SessionPausedMessage | SessionResumedMessage | SessionLockedMessage | SessionUnlockedMessage | SessionCancelledMessage | SessionFinishedMessage | PresenceUpdatedMessage | PlayerRemovedMessage | PlayerReplacedMessage | AnswerAcceptedMessage | TimeMessage | ErrorMessage

/** Everything that a client may send over a WebSocket. */
export type ClientMessage = AnswerMessage | ResumeMessage | TimeRequestMessage

export interface SessionSnapshotMessage {
  readonly type: 'session.snapshot'
  readonly id: EventId
  readonly data: Snapshot
}

export interface StreamResumedMessage {
  readonly type: 'stream.resumed'
  readonly data: StreamResumed
}

export interface LobbyUpdatedMessage {
  readonly type: 'lobby.updated'
  readonly data: LobbyUpdated
}

export interface SessionStartingMessage {
  readonly type: 'session.starting'
  readonly id: EventId
  readonly data: SessionStarting
}

export interface QuestionUpcomingMessage {
  readonly type: 'question.upcoming'
  readonly data: QuestionUpcoming
}

export interface QuestionOpenedMessage {
  readonly type: 'question.opened'
  readonly id: EventId
  readonly data: PublicQuestion
}

export interface QuestionExtendedMessage {
  readonly type: 'question.extended'
  readonly id: EventId
  readonly data: QuestionExtended
}

export interface QuestionClosedMessage {
  readonly type: 'question.closed'
  readonly id: EventId
  readonly data: Reveal
}

export interface ScoreUpdatedMessage {
  readonly type: 'score.updated'
  readonly data: ScoreUpdated
}

export interface LeaderboardUpdatedMessage {
  readonly type: 'leaderboard.updated'
  readonly data: LeaderboardUpdated
}

export interface LeaderboardChangedMessage {
  readonly type: 'leaderboard.changed'
  readonly data: LeaderboardChanged
}

export interface AnswersProgressMessage {
  readonly type: 'answers.progress'
  readonly data: AnswersProgress
}

export interface SessionPausedMessage {
  readonly type: 'session.paused'
  readonly id: EventId
  readonly data: SessionPaused
}

export interface SessionResumedMessage {
  readonly type: 'session.resumed'
  readonly id: EventId
  readonly data: SessionResumed
}

export interface SessionLockedMessage {
  readonly type: 'session.locked'
  readonly id: EventId
  readonly data: At
}

export interface SessionUnlockedMessage {
  readonly type: 'session.unlocked'
  readonly id: EventId
  readonly data: At
}

export interface SessionCancelledMessage {
  readonly type: 'session.cancelled'
  readonly id: EventId
  readonly data: At
}

export interface SessionFinishedMessage {
  readonly type: 'session.finished'
  readonly id: EventId
  readonly data: SessionFinished
}

export interface PresenceUpdatedMessage {
  readonly type: 'presence.updated'
  readonly data: Presence
}

export interface PlayerRemovedMessage {
  readonly type: 'player.removed'
  readonly data: At
}

export interface PlayerReplacedMessage {
  readonly type: 'player.replaced'
  readonly data: At
}

export interface AnswerAcceptedMessage {
  readonly type: 'answer.accepted'
  readonly ref: Ref
  readonly data: AnswerAccepted
}

export interface TimeMessage {
  readonly type: 'time'
  readonly ref: Ref
  readonly data: Time
}

/** Without a `ref` when the request had none that could be read. */
export interface ErrorMessage {
  readonly type: 'error'
  readonly ref?: Ref
  readonly data: Problem
}

export interface AnswerMessage {
  readonly type: 'answer'
  readonly ref: Ref
  readonly data: AnswerRequest
  /** The client's trace (W3C Trace Context), as the HTTP header; what is none is ignored. */
  readonly traceparent?: string
}

/** Any other `data` is a position that is not known. */
export interface ResumeMessage {
  readonly type: 'resume'
  readonly data?: Position
}

export interface Position {
  /** The `id` of the last event, as a number or as text. */
  readonly lastEventId: number | string
}

export interface TimeRequestMessage {
  readonly type: 'time'
  readonly ref: Ref
}

/** The public state with the board, the player's own standing and the server's time. */
export interface Snapshot extends SessionState {
  readonly leaderboard: Leaderboard
  readonly me?: Me
  readonly now: Timestamp
}

export interface StreamResumed {
  readonly replayed: number
}

export interface LobbyUpdated {
  readonly playerCount: number
  /** Nicknames. */
  readonly joined: readonly string[]
  readonly left: readonly string[]
}

export interface SessionStarting {
  readonly startsAt: Timestamp
}

/** Media of a question without the question. */
export interface QuestionUpcoming {
  readonly index: number
  readonly media?: Media
  /** Of the options, in the order in which they will be shown. */
  readonly optionMedia?: readonly Media[]
}

export interface ScoreUpdated {
  readonly questionId: Id
  /** The answer that counts: the first that was recorded, also when another device with the same token sent it. */
  readonly answerId?: string
  /** Full credit; absent for a question without a right answer. */
  readonly correct?: boolean
  readonly points: number
  /** The player's total. */
  readonly score: number
  /** Correct answers in a row. */
  readonly streak: number
}

export interface LeaderboardUpdated {
  readonly version: BoardVersion
  readonly playerCount: number
  readonly top: readonly Entry[]
  readonly me?: Standing
}

export interface LeaderboardChanged {
  readonly version: BoardVersion
  readonly playerCount: number
  readonly order: readonly Id[]
  readonly changed: readonly Entry[]
  readonly me?: Standing
}

export interface AnswersProgress {
  readonly questionId: Id
  /** Players whose answer is scored. */
  readonly answered: number
  /** Those who have answered, and those who still can: all but players who left or were removed. */
  readonly players: number
}

export interface QuestionExtended {
  readonly questionId: Id
  readonly opensAt: Timestamp
  readonly closesAt: Timestamp
}

export interface SessionPaused {
  readonly at: Timestamp
  readonly reason: string
  /** What is left of the open question. */
  readonly remainingMs?: number
}

export interface SessionResumed {
  readonly at: Timestamp
  readonly reason: string
  readonly question?: PublicQuestion
}

export interface SessionFinished {
  readonly top: readonly Entry[]
  readonly playerCount: number
  readonly me?: Standing
}

export interface At {
  readonly at: Timestamp
}

/** A player's own place. */
export interface Standing {
  readonly rank: number
  readonly score: number
}
