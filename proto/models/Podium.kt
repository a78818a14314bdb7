// Made of proto/asyncapi.yaml and proto/openapi.yaml by make gen.
// Json { ignoreUnknownKeys = true } reads it.
package podium

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.JsonElement

@Serializable
sealed interface ServerMessage

@Serializable
sealed interface ClientMessage

@Serializable
enum class ErrorCode {
    @SerialName("session-not-found") SessionNotFound,
    @SerialName("already-joined") AlreadyJoined,
    @SerialName("session-locked") SessionLocked,
    @SerialName("session-full") SessionFull,
    @SerialName("too-many-guests") TooManyGuests,
    @SerialName("quota-exceeded") QuotaExceeded,
    @SerialName("session-over") SessionOver,
    @SerialName("late-join-off") LateJoinOff,
    @SerialName("nickname-invalid") NicknameInvalid,
    @SerialName("not-a-participant") NotAParticipant,
    @SerialName("question-not-in-quiz") QuestionNotInQuiz,
    @SerialName("already-answered") AlreadyAnswered,
    @SerialName("answer-id-reused") AnswerIdReused,
    @SerialName("idempotency-key-reused") IdempotencyKeyReused,
    @SerialName("question-not-open") QuestionNotOpen,
    @SerialName("question-closed") QuestionClosed,
    @SerialName("session-paused") SessionPaused,
    @SerialName("answer-invalid") AnswerInvalid,
    @SerialName("unauthorized") Unauthorized,
    @SerialName("forbidden") Forbidden,
    @SerialName("not-found") NotFound,
    @SerialName("wrong-state") WrongState,
    @SerialName("precondition-required") PreconditionRequired,
    @SerialName("precondition-failed") PreconditionFailed,
    @SerialName("malformed") Malformed,
    @SerialName("too-large") TooLarge,
    @SerialName("unsupported-media-type") UnsupportedMediaType,
    @SerialName("method-not-allowed") MethodNotAllowed,
    @SerialName("rate-limited") RateLimited,
    @SerialName("unavailable") Unavailable,
    @SerialName("internal") Internal,
}

@Serializable
enum class Kind {
    @SerialName("single_choice") SingleChoice,
    @SerialName("multiple_choice") MultipleChoice,
    @SerialName("true_false") TrueFalse,
    @SerialName("fill_blank") FillBlank,
    @SerialName("ordering") Ordering,
    @SerialName("numeric") Numeric,
    @SerialName("poll") Poll,
}

@Serializable
enum class MediaKind {
    @SerialName("image") Image,
    @SerialName("audio") Audio,
    @SerialName("video") Video,
}

@Serializable
enum class QuestionOrder {
    @SerialName("sequential") Sequential,
    @SerialName("random") Random,
}

@Serializable
enum class OptionOrder {
    @SerialName("fixed") Fixed,
    @SerialName("random") Random,
}

@Serializable
enum class Advance {
    @SerialName("auto") Auto,
    @SerialName("manual") Manual,
}

@Serializable
enum class Scoring {
    @SerialName("speed") Speed,
    @SerialName("flat") Flat,
    @SerialName("accuracy") Accuracy,
}

@Serializable
enum class RevealTime {
    @SerialName("immediate") Immediate,
    @SerialName("on_close") OnClose,
}

@Serializable
enum class Access {
    @SerialName("users") Users,
    @SerialName("guests") Guests,
}

@Serializable
enum class TypedAnswers {
    @SerialName("host") Host,
    @SerialName("everyone") Everyone,
    @SerialName("none") None,
}

@Serializable
enum class LagCompensation {
    @SerialName("measured") Measured,
    @SerialName("off") Off,
}

@Serializable
enum class Status {
    @SerialName("lobby") Lobby,
    @SerialName("starting") Starting,
    @SerialName("question_open") QuestionOpen,
    @SerialName("question_closed") QuestionClosed,
    @SerialName("paused") Paused,
    @SerialName("finished") Finished,
    @SerialName("cancelled") Cancelled,
}

@Serializable
data class Time(
    val now: Long,
)

@Serializable
data class FieldError(
    val pointer: String,
    val code: String,
)

@Serializable
data class Problem(
    val type: String,
    val title: String,
    val status: Int,
    val detail: String,
    val instance: String,
    val code: ErrorCode,
    val traceId: String,
    val errors: List<FieldError>? = null,
    val playerId: String? = null,
    val state: Session? = null,
    val policy: String? = null,
    val retryAfterSeconds: Int? = null,
)

@Serializable
data class Media(
    val kind: MediaKind,
    val url: String,
    val alt: String? = null,
    val durationMs: Int? = null,
)

@Serializable
data class OptionWithMedia(
    val text: String,
    val media: Media? = null,
)

@Serializable
data class NumericKey(
    val value: Double,
    val tolerance: Double,
)

@Serializable
data class Settings(
    val timeLimitSeconds: Int,
    val maxParticipants: Int,
    val questionOrder: QuestionOrder,
    val optionOrder: OptionOrder,
    val advance: Advance,
    val autoStartPlayers: Int? = null,
    val startDelaySeconds: Double,
    val revealSeconds: Double,
    val closeWhenAllAnswered: Boolean,
    val scoring: Scoring,
    val streakBonus: Boolean,
    val reveal: RevealTime,
    val lateJoin: Boolean,
    val access: Access,
    val guestSeatsPerAddress: Int,
    val showTypedAnswers: TypedAnswers,
    val lagCompensation: LagCompensation,
)

@Serializable
data class PublicQuestion(
    val questionId: String,
    val index: Int,
    val count: Int,
    val prompt: String,
    val media: Media? = null,
    val mediaUrl: String? = null,
    val points: Int,
    val timeLimitMs: Int,
    val opensAt: Long,
    val closesAt: Long,
    val kind: Kind,
    val options: List<JsonElement>? = null,
)

@Serializable
data class TextCount(
    val text: String,
    val count: Int,
)

@Serializable
data class Reveal(
    val questionId: String,
    val index: Int,
    val explanation: String? = null,
    val answerCount: Int,
    val kind: Kind,
    val correct: JsonElement? = null,
    val distribution: JsonElement,
)

@Serializable
data class Me(
    val playerId: String,
    val nickname: String,
    val score: Int? = null,
    val rank: Int? = null,
    val answered: List<String>,
)

@Serializable
data class Pause(
    val reasons: List<String>,
    val status: Status,
    val remainingMs: Int? = null,
)

@Serializable
data class SessionState(
    val sessionId: String,
    val title: String,
    val joinCode: String,
    val status: Status,
    val epoch: Long,
    val settings: Settings,
    val questionCount: Int,
    val playerCount: Int,
    val locked: Boolean,
    val startsAt: Long? = null,
    val question: PublicQuestion? = null,
    val reveal: Reveal? = null,
    val nextAt: Long? = null,
    val pause: Pause? = null,
    val finishedAt: Long? = null,
)

@Serializable
data class Session(
    val sessionId: String,
    val title: String,
    val joinCode: String,
    val status: Status,
    val epoch: Long,
    val settings: Settings,
    val questionCount: Int,
    val playerCount: Int,
    val locked: Boolean,
    val startsAt: Long? = null,
    val question: PublicQuestion? = null,
    val reveal: Reveal? = null,
    val nextAt: Long? = null,
    val pause: Pause? = null,
    val finishedAt: Long? = null,
    val me: Me? = null,
    val presence: Presence? = null,
)

@Serializable
data class Presence(
    val connectedCount: Int,
    val disconnected: List<String>,
)

@Serializable
data class AnswerRequest(
    val answerId: String,
    val questionId: String,
    val choice: Int? = null,
    val choices: List<Int>? = null,
    val text: String? = null,
    val number: Double? = null,
)

@Serializable
data class AnswerAccepted(
    val answerId: String,
    val questionId: String,
    val receivedAt: Long,
)

@Serializable
data class Entry(
    val rank: Int,
    val playerId: String,
    val nickname: String,
    val score: Int,
    val correctAnswers: Int,
)

@Serializable
data class Leaderboard(
    val version: Long,
    val playerCount: Int,
    val top: List<Entry>,
    val around: List<Entry>? = null,
    val me: Entry? = null,
)

@Serializable
@SerialName("session.snapshot")
data class SessionSnapshotMessage(
    val id: Long,
    val data: Snapshot,
) : ServerMessage

@Serializable
@SerialName("stream.resumed")
data class StreamResumedMessage(
    val data: StreamResumed,
) : ServerMessage

@Serializable
@SerialName("lobby.updated")
data class LobbyUpdatedMessage(
    val data: LobbyUpdated,
) : ServerMessage

@Serializable
@SerialName("session.starting")
data class SessionStartingMessage(
    val id: Long,
    val data: SessionStarting,
) : ServerMessage

@Serializable
@SerialName("question.upcoming")
data class QuestionUpcomingMessage(
    val data: QuestionUpcoming,
) : ServerMessage

@Serializable
@SerialName("question.opened")
data class QuestionOpenedMessage(
    val id: Long,
    val data: PublicQuestion,
) : ServerMessage

@Serializable
@SerialName("question.extended")
data class QuestionExtendedMessage(
    val id: Long,
    val data: QuestionExtended,
) : ServerMessage

@Serializable
@SerialName("question.closed")
data class QuestionClosedMessage(
    val id: Long,
    val data: Reveal,
) : ServerMessage

@Serializable
@SerialName("score.updated")
data class ScoreUpdatedMessage(
    val data: ScoreUpdated,
) : ServerMessage

@Serializable
@SerialName("leaderboard.updated")
data class LeaderboardUpdatedMessage(
    val data: LeaderboardUpdated,
) : ServerMessage

@Serializable
@SerialName("leaderboard.changed")
data class LeaderboardChangedMessage(
    val data: LeaderboardChanged,
) : ServerMessage

@Serializable
@SerialName("answers.progress")
data class AnswersProgressMessage(
    val data: AnswersProgress,
) : ServerMessage

@Serializable
@SerialName("session.paused")
data class SessionPausedMessage(
    val id: Long,
    val data: SessionPaused,
) : ServerMessage

@Serializable
@SerialName("session.resumed")
data class SessionResumedMessage(
    val id: Long,
    val data: SessionResumed,
) : ServerMessage

@Serializable
@SerialName("session.locked")
data class SessionLockedMessage(
    val id: Long,
    val data: At,
) : ServerMessage

@Serializable
@SerialName("session.unlocked")
data class SessionUnlockedMessage(
    val id: Long,
    val data: At,
) : ServerMessage

@Serializable
@SerialName("session.cancelled")
data class SessionCancelledMessage(
    val id: Long,
    val data: At,
) : ServerMessage

@Serializable
@SerialName("session.finished")
data class SessionFinishedMessage(
    val id: Long,
    val data: SessionFinished,
) : ServerMessage

@Serializable
@SerialName("presence.updated")
data class PresenceUpdatedMessage(
    val data: Presence,
) : ServerMessage

@Serializable
@SerialName("player.removed")
data class PlayerRemovedMessage(
    val data: At,
) : ServerMessage

@Serializable
@SerialName("player.replaced")
data class PlayerReplacedMessage(
    val data: At,
) : ServerMessage

@Serializable
@SerialName("answer.accepted")
data class AnswerAcceptedMessage(
    val ref: JsonElement,
    val data: AnswerAccepted,
) : ServerMessage

@Serializable
@SerialName("time")
data class TimeMessage(
    val ref: JsonElement,
    val data: Time,
) : ServerMessage

@Serializable
@SerialName("error")
data class ErrorMessage(
    val ref: JsonElement? = null,
    val data: Problem,
) : ServerMessage

@Serializable
@SerialName("answer")
data class AnswerMessage(
    val ref: JsonElement,
    val data: AnswerRequest,
    val traceparent: String? = null,
) : ClientMessage

@Serializable
@SerialName("resume")
data class ResumeMessage(
    val data: Position? = null,
) : ClientMessage

@Serializable
data class Position(
    val lastEventId: JsonElement,
)

@Serializable
@SerialName("time")
data class TimeRequestMessage(
    val ref: JsonElement,
) : ClientMessage

@Serializable
data class Snapshot(
    val sessionId: String,
    val title: String,
    val joinCode: String,
    val status: Status,
    val epoch: Long,
    val settings: Settings,
    val questionCount: Int,
    val playerCount: Int,
    val locked: Boolean,
    val startsAt: Long? = null,
    val question: PublicQuestion? = null,
    val reveal: Reveal? = null,
    val nextAt: Long? = null,
    val pause: Pause? = null,
    val finishedAt: Long? = null,
    val leaderboard: Leaderboard,
    val me: Me? = null,
    val now: Long,
)

@Serializable
data class StreamResumed(
    val replayed: Int,
)

@Serializable
data class LobbyUpdated(
    val playerCount: Int,
    val joined: List<String>,
    val left: List<String>,
)

@Serializable
data class SessionStarting(
    val startsAt: Long,
)

@Serializable
data class QuestionUpcoming(
    val index: Int,
    val media: Media? = null,
    val optionMedia: List<Media>? = null,
)

@Serializable
data class ScoreUpdated(
    val questionId: String,
    val answerId: String? = null,
    val correct: Boolean? = null,
    val points: Int,
    val score: Int,
    val streak: Int,
)

@Serializable
data class LeaderboardUpdated(
    val version: Long,
    val playerCount: Int,
    val top: List<Entry>,
    val me: Standing? = null,
)

@Serializable
data class LeaderboardChanged(
    val version: Long,
    val playerCount: Int,
    val order: List<String>,
    val changed: List<Entry>,
    val me: Standing? = null,
)

@Serializable
data class AnswersProgress(
    val questionId: String,
    val answered: Int,
    val players: Int,
)

@Serializable
data class QuestionExtended(
    val questionId: String,
    val opensAt: Long,
    val closesAt: Long,
)

@Serializable
data class SessionPaused(
    val at: Long,
    val reason: String,
    val remainingMs: Int? = null,
)

@Serializable
data class SessionResumed(
    val at: Long,
    val reason: String,
    val question: PublicQuestion? = null,
)

@Serializable
data class SessionFinished(
    val top: List<Entry>,
    val playerCount: Int,
    val me: Standing? = null,
)

@Serializable
data class At(
    val at: Long,
)

@Serializable
data class Standing(
    val rank: Int,
    val score: Int,
)
