// Made of proto/asyncapi.yaml and proto/openapi.yaml by make gen.
import Foundation

public enum ServerMessage: Codable, Sendable {
    case sessionSnapshot(SessionSnapshotMessage)
    case streamResumed(StreamResumedMessage)
    case lobbyUpdated(LobbyUpdatedMessage)
    case sessionStarting(SessionStartingMessage)
    case questionUpcoming(QuestionUpcomingMessage)
    case questionOpened(QuestionOpenedMessage)
    case questionExtended(QuestionExtendedMessage)
    case questionClosed(QuestionClosedMessage)
    case scoreUpdated(ScoreUpdatedMessage)
    case leaderboardUpdated(LeaderboardUpdatedMessage)
    case leaderboardChanged(LeaderboardChangedMessage)
    case answersProgress(AnswersProgressMessage)
    case sessionPaused(SessionPausedMessage)
    case sessionResumed(SessionResumedMessage)
    case sessionLocked(SessionLockedMessage)
    case sessionUnlocked(SessionUnlockedMessage)
    case sessionCancelled(SessionCancelledMessage)
    case sessionFinished(SessionFinishedMessage)
    case presenceUpdated(PresenceUpdatedMessage)
    case playerRemoved(PlayerRemovedMessage)
    case playerReplaced(PlayerReplacedMessage)
    case answerAccepted(AnswerAcceptedMessage)
    case time(TimeMessage)
    case error(ErrorMessage)

    private enum Key: CodingKey { case type }

    public init(from decoder: Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let type = try container.decode(String.self, forKey: .type)
        switch type {
        case "session.snapshot": self = .sessionSnapshot(try SessionSnapshotMessage(from: decoder))
        case "stream.resumed": self = .streamResumed(try StreamResumedMessage(from: decoder))
        case "lobby.updated": self = .lobbyUpdated(try LobbyUpdatedMessage(from: decoder))
        case "session.starting": self = .sessionStarting(try SessionStartingMessage(from: decoder))
        case "question.upcoming": self = .questionUpcoming(try QuestionUpcomingMessage(from: decoder))
        case "question.opened": self = .questionOpened(try QuestionOpenedMessage(from: decoder))
        case "question.extended": self = .questionExtended(try QuestionExtendedMessage(from: decoder))
        case "question.closed": self = .questionClosed(try QuestionClosedMessage(from: decoder))
        case "score.updated": self = .scoreUpdated(try ScoreUpdatedMessage(from: decoder))
        case "leaderboard.updated": self = .leaderboardUpdated(try LeaderboardUpdatedMessage(from: decoder))
        case "leaderboard.changed": self = .leaderboardChanged(try LeaderboardChangedMessage(from: decoder))
        case "answers.progress": self = .answersProgress(try AnswersProgressMessage(from: decoder))
        case "session.paused": self = .sessionPaused(try SessionPausedMessage(from: decoder))
        case "session.resumed": self = .sessionResumed(try SessionResumedMessage(from: decoder))
        case "session.locked": self = .sessionLocked(try SessionLockedMessage(from: decoder))
        case "session.unlocked": self = .sessionUnlocked(try SessionUnlockedMessage(from: decoder))
        case "session.cancelled": self = .sessionCancelled(try SessionCancelledMessage(from: decoder))
        case "session.finished": self = .sessionFinished(try SessionFinishedMessage(from: decoder))
        case "presence.updated": self = .presenceUpdated(try PresenceUpdatedMessage(from: decoder))
        case "player.removed": self = .playerRemoved(try PlayerRemovedMessage(from: decoder))
        case "player.replaced": self = .playerReplaced(try PlayerReplacedMessage(from: decoder))
        case "answer.accepted": self = .answerAccepted(try AnswerAcceptedMessage(from: decoder))
        case "time": self = .time(try TimeMessage(from: decoder))
        case "error": self = .error(try ErrorMessage(from: decoder))
        default: throw DecodingError.dataCorruptedError(forKey: .type, in: container, debugDescription: type)
        }
    }

    public func encode(to encoder: Encoder) throws {
        switch self {
        case .sessionSnapshot(let message): try message.encode(to: encoder)
        case .streamResumed(let message): try message.encode(to: encoder)
        case .lobbyUpdated(let message): try message.encode(to: encoder)
        case .sessionStarting(let message): try message.encode(to: encoder)
        case .questionUpcoming(let message): try message.encode(to: encoder)
        case .questionOpened(let message): try message.encode(to: encoder)
        case .questionExtended(let message): try message.encode(to: encoder)
        case .questionClosed(let message): try message.encode(to: encoder)
        case .scoreUpdated(let message): try message.encode(to: encoder)
        case .leaderboardUpdated(let message): try message.encode(to: encoder)
        case .leaderboardChanged(let message): try message.encode(to: encoder)
        case .answersProgress(let message): try message.encode(to: encoder)
        case .sessionPaused(let message): try message.encode(to: encoder)
        case .sessionResumed(let message): try message.encode(to: encoder)
        case .sessionLocked(let message): try message.encode(to: encoder)
        case .sessionUnlocked(let message): try message.encode(to: encoder)
        case .sessionCancelled(let message): try message.encode(to: encoder)
        case .sessionFinished(let message): try message.encode(to: encoder)
        case .presenceUpdated(let message): try message.encode(to: encoder)
        case .playerRemoved(let message): try message.encode(to: encoder)
        case .playerReplaced(let message): try message.encode(to: encoder)
        case .answerAccepted(let message): try message.encode(to: encoder)
        case .time(let message): try message.encode(to: encoder)
        case .error(let message): try message.encode(to: encoder)
        }
    }
}

public enum ClientMessage: Codable, Sendable {
    case answer(AnswerMessage)
    case resume(ResumeMessage)
    case time(TimeRequestMessage)

    private enum Key: CodingKey { case type }

    public init(from decoder: Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let type = try container.decode(String.self, forKey: .type)
        switch type {
        case "answer": self = .answer(try AnswerMessage(from: decoder))
        case "resume": self = .resume(try ResumeMessage(from: decoder))
        case "time": self = .time(try TimeRequestMessage(from: decoder))
        default: throw DecodingError.dataCorruptedError(forKey: .type, in: container, debugDescription: type)
        }
    }

    public func encode(to encoder: Encoder) throws {
        switch self {
        case .answer(let message): try message.encode(to: encoder)
        case .resume(let message): try message.encode(to: encoder)
        case .time(let message): try message.encode(to: encoder)
        }
    }
}

public enum ErrorCode: String, Codable, Sendable {
    case sessionNotFound = "session-not-found"
    case alreadyJoined = "already-joined"
    case sessionLocked = "session-locked"
    case sessionFull = "session-full"
    case tooManyGuests = "too-many-guests"
    case quotaExceeded = "quota-exceeded"
    case sessionOver = "session-over"
    case lateJoinOff = "late-join-off"
    case nicknameInvalid = "nickname-invalid"
    case notAParticipant = "not-a-participant"
    case questionNotInQuiz = "question-not-in-quiz"
    case alreadyAnswered = "already-answered"
    case answerIdReused = "answer-id-reused"
    case idempotencyKeyReused = "idempotency-key-reused"
    case questionNotOpen = "question-not-open"
    case questionClosed = "question-closed"
    case sessionPaused = "session-paused"
    case answerInvalid = "answer-invalid"
    case unauthorized = "unauthorized"
    case forbidden = "forbidden"
    case notFound = "not-found"
    case wrongState = "wrong-state"
    case preconditionRequired = "precondition-required"
    case preconditionFailed = "precondition-failed"
    case malformed = "malformed"
    case tooLarge = "too-large"
    case unsupportedMediaType = "unsupported-media-type"
    case methodNotAllowed = "method-not-allowed"
    case rateLimited = "rate-limited"
    case unavailable = "unavailable"
    case `internal` = "internal"
}

public enum Kind: String, Codable, Sendable {
    case singleChoice = "single_choice"
    case multipleChoice = "multiple_choice"
    case trueFalse = "true_false"
    case fillBlank = "fill_blank"
    case ordering = "ordering"
    case numeric = "numeric"
    case poll = "poll"
}

public enum MediaKind: String, Codable, Sendable {
    case image = "image"
    case audio = "audio"
    case video = "video"
}

public enum QuestionOrder: String, Codable, Sendable {
    case sequential = "sequential"
    case random = "random"
}

public enum OptionOrder: String, Codable, Sendable {
    case fixed = "fixed"
    case random = "random"
}

public enum Advance: String, Codable, Sendable {
    case auto = "auto"
    case manual = "manual"
}

public enum Scoring: String, Codable, Sendable {
    case speed = "speed"
    case flat = "flat"
    case accuracy = "accuracy"
}

public enum RevealTime: String, Codable, Sendable {
    case immediate = "immediate"
    case onClose = "on_close"
}

public enum Access: String, Codable, Sendable {
    case users = "users"
    case guests = "guests"
}

public enum TypedAnswers: String, Codable, Sendable {
    case host = "host"
    case everyone = "everyone"
    case `none` = "none"
}

public enum LagCompensation: String, Codable, Sendable {
    case measured = "measured"
    case off = "off"
}

public enum Status: String, Codable, Sendable {
    case lobby = "lobby"
    case starting = "starting"
    case questionOpen = "question_open"
    case questionClosed = "question_closed"
    case paused = "paused"
    case finished = "finished"
    case cancelled = "cancelled"
}

public struct Time: Codable, Sendable {
    public var now: Int64
}

public struct FieldError: Codable, Sendable {
    public var pointer: String
    public var code: String
}

public struct Problem: Codable, Sendable {
    public var type: String
    public var title: String
    public var status: Int
    public var detail: String
    public var instance: String
    public var code: ErrorCode
    public var traceId: String
    public var errors: [FieldError]?
    public var playerId: String?
    public var state: Session?
    public var policy: String?
    public var retryAfterSeconds: Int?
}

public struct Media: Codable, Sendable {
    public var kind: MediaKind
    public var url: String
    public var alt: String?
    public var durationMs: Int?
}

public struct OptionWithMedia: Codable, Sendable {
    public var text: String
    public var media: Media?
}

public struct NumericKey: Codable, Sendable {
    public var value: Double
    public var tolerance: Double
}

public struct Settings: Codable, Sendable {
    public var timeLimitSeconds: Int
    public var maxParticipants: Int
    public var questionOrder: QuestionOrder
    public var optionOrder: OptionOrder
    public var advance: Advance
    public var autoStartPlayers: Int?
    public var startDelaySeconds: Double
    public var revealSeconds: Double
    public var closeWhenAllAnswered: Bool
    public var scoring: Scoring
    public var streakBonus: Bool
    public var reveal: RevealTime
    public var lateJoin: Bool
    public var access: Access
    public var guestSeatsPerAddress: Int
    public var showTypedAnswers: TypedAnswers
    public var lagCompensation: LagCompensation
}

public struct PublicQuestion: Codable, Sendable {
    public var questionId: String
    public var index: Int
    public var count: Int
    public var prompt: String
    public var media: Media?
    public var mediaUrl: String?
    public var points: Int
    public var timeLimitMs: Int
    public var opensAt: Int64
    public var closesAt: Int64
    public var kind: Kind
    public var options: [JSONValue]?
}

public struct TextCount: Codable, Sendable {
    public var text: String
    public var count: Int
}

public struct Reveal: Codable, Sendable {
    public var questionId: String
    public var index: Int
    public var explanation: String?
    public var answerCount: Int
    public var kind: Kind
    public var correct: JSONValue?
    public var distribution: JSONValue
}

public struct Me: Codable, Sendable {
    public var playerId: String
    public var nickname: String
    public var score: Int?
    public var rank: Int?
    public var answered: [String]
}

public struct Pause: Codable, Sendable {
    public var reasons: [String]
    public var status: Status
    public var remainingMs: Int?
}

public struct SessionState: Codable, Sendable {
    public var sessionId: String
    public var title: String
    public var joinCode: String
    public var status: Status
    public var epoch: Int64
    public var settings: Settings
    public var questionCount: Int
    public var playerCount: Int
    public var locked: Bool
    public var startsAt: Int64?
    public var question: PublicQuestion?
    public var reveal: Reveal?
    public var nextAt: Int64?
    public var pause: Pause?
    public var finishedAt: Int64?
}

public struct Session: Codable, Sendable {
    public var sessionId: String
    public var title: String
    public var joinCode: String
    public var status: Status
    public var epoch: Int64
    public var settings: Settings
    public var questionCount: Int
    public var playerCount: Int
    public var locked: Bool
    public var startsAt: Int64?
    public var question: PublicQuestion?
    public var reveal: Reveal?
    public var nextAt: Int64?
    public var pause: Pause?
    public var finishedAt: Int64?
    public var me: Me?
    public var presence: Presence?
}

public struct Presence: Codable, Sendable {
    public var connectedCount: Int
    public var disconnected: [String]
}

public struct AnswerRequest: Codable, Sendable {
    public var answerId: String
    public var questionId: String
    public var choice: Int?
    public var choices: [Int]?
    public var text: String?
    public var number: Double?
}

public struct AnswerAccepted: Codable, Sendable {
    public var answerId: String
    public var questionId: String
    public var receivedAt: Int64
}

public struct Entry: Codable, Sendable {
    public var rank: Int
    public var playerId: String
    public var nickname: String
    public var score: Int
    public var correctAnswers: Int
}

public struct Leaderboard: Codable, Sendable {
    public var version: Int64
    public var playerCount: Int
    public var top: [Entry]
    public var around: [Entry]?
    public var me: Entry?
}

public struct SessionSnapshotMessage: Codable, Sendable {
    public var type: String
    public var id: Int64
    public var data: Snapshot
}

public struct StreamResumedMessage: Codable, Sendable {
    public var type: String
    public var data: StreamResumed
}

public struct LobbyUpdatedMessage: Codable, Sendable {
    public var type: String
    public var data: LobbyUpdated
}

public struct SessionStartingMessage: Codable, Sendable {
    public var type: String
    public var id: Int64
    public var data: SessionStarting
}

public struct QuestionUpcomingMessage: Codable, Sendable {
    public var type: String
    public var data: QuestionUpcoming
}

public struct QuestionOpenedMessage: Codable, Sendable {
    public var type: String
    public var id: Int64
    public var data: PublicQuestion
}

public struct QuestionExtendedMessage: Codable, Sendable {
    public var type: String
    public var id: Int64
    public var data: QuestionExtended
}

public struct QuestionClosedMessage: Codable, Sendable {
    public var type: String
    public var id: Int64
    public var data: Reveal
}

public struct ScoreUpdatedMessage: Codable, Sendable {
    public var type: String
    public var data: ScoreUpdated
}

public struct LeaderboardUpdatedMessage: Codable, Sendable {
    public var type: String
    public var data: LeaderboardUpdated
}

public struct LeaderboardChangedMessage: Codable, Sendable {
    public var type: String
    public var data: LeaderboardChanged
}

public struct AnswersProgressMessage: Codable, Sendable {
    public var type: String
    public var data: AnswersProgress
}

public struct SessionPausedMessage: Codable, Sendable {
    public var type: String
    public var id: Int64
    public var data: SessionPaused
}

public struct SessionResumedMessage: Codable, Sendable {
    public var type: String
    public var id: Int64
    public var data: SessionResumed
}

public struct SessionLockedMessage: Codable, Sendable {
    public var type: String
    public var id: Int64
    public var data: At
}

public struct SessionUnlockedMessage: Codable, Sendable {
    public var type: String
    public var id: Int64
    public var data: At
}

public struct SessionCancelledMessage: Codable, Sendable {
    public var type: String
    public var id: Int64
    public var data: At
}

public struct SessionFinishedMessage: Codable, Sendable {
    public var type: String
    public var id: Int64
    public var data: SessionFinished
}

public struct PresenceUpdatedMessage: Codable, Sendable {
    public var type: String
    public var data: Presence
}

public struct PlayerRemovedMessage: Codable, Sendable {
    public var type: String
    public var data: At
}

public struct PlayerReplacedMessage: Codable, Sendable {
    public var type: String
    public var data: At
}

public struct AnswerAcceptedMessage: Codable, Sendable {
    public var type: String
    public var ref: JSONValue
    public var data: AnswerAccepted
}

public struct TimeMessage: Codable, Sendable {
    public var type: String
    public var ref: JSONValue
    public var data: Time
}

public struct ErrorMessage: Codable, Sendable {
    public var type: String
    public var ref: JSONValue?
    public var data: Problem
}

public struct AnswerMessage: Codable, Sendable {
    public var type: String
    public var ref: JSONValue
    public var data: AnswerRequest
    public var traceparent: String?
}

public struct ResumeMessage: Codable, Sendable {
    public var type: String
    public var data: Position?
}

public struct Position: Codable, Sendable {
    public var lastEventId: JSONValue
}

public struct TimeRequestMessage: Codable, Sendable {
    public var type: String
    public var ref: JSONValue
}

public struct Snapshot: Codable, Sendable {
    public var sessionId: String
    public var title: String
    public var joinCode: String
    public var status: Status
    public var epoch: Int64
    public var settings: Settings
    public var questionCount: Int
    public var playerCount: Int
    public var locked: Bool
    public var startsAt: Int64?
    public var question: PublicQuestion?
    public var reveal: Reveal?
    public var nextAt: Int64?
    public var pause: Pause?
    public var finishedAt: Int64?
    public var leaderboard: Leaderboard
    public var me: Me?
    public var now: Int64
}

public struct StreamResumed: Codable, Sendable {
    public var replayed: Int
}

public struct LobbyUpdated: Codable, Sendable {
    public var playerCount: Int
    public var joined: [String]
    public var left: [String]
}

public struct SessionStarting: Codable, Sendable {
    public var startsAt: Int64
}

public struct QuestionUpcoming: Codable, Sendable {
    public var index: Int
    public var media: Media?
    public var optionMedia: [Media]?
}

public struct ScoreUpdated: Codable, Sendable {
    public var questionId: String
    public var answerId: String?
    public var correct: Bool?
    public var points: Int
    public var score: Int
    public var streak: Int
}

public struct LeaderboardUpdated: Codable, Sendable {
    public var version: Int64
    public var playerCount: Int
    public var top: [Entry]
    public var me: Standing?
}

public struct LeaderboardChanged: Codable, Sendable {
    public var version: Int64
    public var playerCount: Int
    public var order: [String]
    public var changed: [Entry]
    public var me: Standing?
}

public struct AnswersProgress: Codable, Sendable {
    public var questionId: String
    public var answered: Int
    public var players: Int
}

public struct QuestionExtended: Codable, Sendable {
    public var questionId: String
    public var opensAt: Int64
    public var closesAt: Int64
}

public struct SessionPaused: Codable, Sendable {
    public var at: Int64
    public var reason: String
    public var remainingMs: Int?
}

public struct SessionResumed: Codable, Sendable {
    public var at: Int64
    public var reason: String
    public var question: PublicQuestion?
}

public struct SessionFinished: Codable, Sendable {
    public var top: [Entry]
    public var playerCount: Int
    public var me: Standing?
}

public struct At: Codable, Sendable {
    public var at: Int64
}

public struct Standing: Codable, Sendable {
    public var rank: Int
    public var score: Int
}

public enum JSONValue: Codable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    public init(from decoder: Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() { self = .null }
        else if let value = try? container.decode(Bool.self) { self = .bool(value) }
        else if let value = try? container.decode(Double.self) { self = .number(value) }
        else if let value = try? container.decode(String.self) { self = .string(value) }
        else if let value = try? container.decode([JSONValue].self) { self = .array(value) }
        else { self = .object(try container.decode([String: JSONValue].self)) }
    }

    public func encode(to encoder: Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
