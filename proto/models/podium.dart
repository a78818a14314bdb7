// Made of proto/asyncapi.yaml and proto/openapi.yaml by make gen.

sealed class ServerMessage {
  const ServerMessage();

  /// Null for a type that this version does not know.
  static ServerMessage? fromJson(Map<String, dynamic> json) => switch (json['type']) {
    'session.snapshot' => SessionSnapshotMessage.fromJson(json),
    'stream.resumed' => StreamResumedMessage.fromJson(json),
    'lobby.updated' => LobbyUpdatedMessage.fromJson(json),
    'session.starting' => SessionStartingMessage.fromJson(json),
    'question.upcoming' => QuestionUpcomingMessage.fromJson(json),
    'question.opened' => QuestionOpenedMessage.fromJson(json),
    'question.extended' => QuestionExtendedMessage.fromJson(json),
    'question.closed' => QuestionClosedMessage.fromJson(json),
    'score.updated' => ScoreUpdatedMessage.fromJson(json),
    'leaderboard.updated' => LeaderboardUpdatedMessage.fromJson(json),
    'leaderboard.changed' => LeaderboardChangedMessage.fromJson(json),
    'answers.progress' => AnswersProgressMessage.fromJson(json),
    'session.paused' => SessionPausedMessage.fromJson(json),
    'session.resumed' => SessionResumedMessage.fromJson(json),
    'session.locked' => SessionLockedMessage.fromJson(json),
    'session.unlocked' => SessionUnlockedMessage.fromJson(json),
    'session.cancelled' => SessionCancelledMessage.fromJson(json),
    'session.finished' => SessionFinishedMessage.fromJson(json),
    'presence.updated' => PresenceUpdatedMessage.fromJson(json),
    'player.removed' => PlayerRemovedMessage.fromJson(json),
    'player.replaced' => PlayerReplacedMessage.fromJson(json),
    'answer.accepted' => AnswerAcceptedMessage.fromJson(json),
    'time' => TimeMessage.fromJson(json),
    'error' => ErrorMessage.fromJson(json),
    _ => null,
  };

  Map<String, dynamic> toJson();
}

sealed class ClientMessage {
  const ClientMessage();

  /// Null for a type that this version does not know.
  static ClientMessage? fromJson(Map<String, dynamic> json) => switch (json['type']) {
    'answer' => AnswerMessage.fromJson(json),
    'resume' => ResumeMessage.fromJson(json),
    'time' => TimeRequestMessage.fromJson(json),
    _ => null,
  };

  Map<String, dynamic> toJson();
}

enum ErrorCode {
  sessionNotFound('session-not-found'),
  alreadyJoined('already-joined'),
  sessionLocked('session-locked'),
  sessionFull('session-full'),
  tooManyGuests('too-many-guests'),
  quotaExceeded('quota-exceeded'),
  sessionOver('session-over'),
  lateJoinOff('late-join-off'),
  nicknameInvalid('nickname-invalid'),
  notAParticipant('not-a-participant'),
  questionNotInQuiz('question-not-in-quiz'),
  alreadyAnswered('already-answered'),
  answerIdReused('answer-id-reused'),
  idempotencyKeyReused('idempotency-key-reused'),
  questionNotOpen('question-not-open'),
  questionClosed('question-closed'),
  sessionPaused('session-paused'),
  answerInvalid('answer-invalid'),
  unauthorized('unauthorized'),
  forbidden('forbidden'),
  notFound('not-found'),
  wrongState('wrong-state'),
  preconditionRequired('precondition-required'),
  preconditionFailed('precondition-failed'),
  malformed('malformed'),
  tooLarge('too-large'),
  unsupportedMediaType('unsupported-media-type'),
  methodNotAllowed('method-not-allowed'),
  rateLimited('rate-limited'),
  unavailable('unavailable'),
  internal('internal');

  const ErrorCode(this.value);
  final String value;

  static ErrorCode of(String value) => values.firstWhere((each) => each.value == value);
}

enum Kind {
  singleChoice('single_choice'),
  multipleChoice('multiple_choice'),
  trueFalse('true_false'),
  fillBlank('fill_blank'),
  ordering('ordering'),
  numeric('numeric'),
  poll('poll');

  const Kind(this.value);
  final String value;

  static Kind of(String value) => values.firstWhere((each) => each.value == value);
}

enum MediaKind {
  image('image'),
  audio('audio'),
  video('video');

  const MediaKind(this.value);
  final String value;

  static MediaKind of(String value) => values.firstWhere((each) => each.value == value);
}

enum QuestionOrder {
  sequential('sequential'),
  random('random');

  const QuestionOrder(this.value);
  final String value;

  static QuestionOrder of(String value) => values.firstWhere((each) => each.value == value);
}

enum OptionOrder {
  fixed('fixed'),
  random('random');

  const OptionOrder(this.value);
  final String value;

  static OptionOrder of(String value) => values.firstWhere((each) => each.value == value);
}

enum Advance {
  auto('auto'),
  manual('manual');

  const Advance(this.value);
  final String value;

  static Advance of(String value) => values.firstWhere((each) => each.value == value);
}

enum Scoring {
  speed('speed'),
  flat('flat'),
  accuracy('accuracy');

  const Scoring(this.value);
  final String value;

  static Scoring of(String value) => values.firstWhere((each) => each.value == value);
}

enum RevealTime {
  immediate('immediate'),
  onClose('on_close');

  const RevealTime(this.value);
  final String value;

  static RevealTime of(String value) => values.firstWhere((each) => each.value == value);
}

enum Access {
  users('users'),
  guests('guests');

  const Access(this.value);
  final String value;

  static Access of(String value) => values.firstWhere((each) => each.value == value);
}

enum TypedAnswers {
  host('host'),
  everyone('everyone'),
  none('none');

  const TypedAnswers(this.value);
  final String value;

  static TypedAnswers of(String value) => values.firstWhere((each) => each.value == value);
}

enum LagCompensation {
  measured('measured'),
  off('off');

  const LagCompensation(this.value);
  final String value;

  static LagCompensation of(String value) => values.firstWhere((each) => each.value == value);
}

enum Status {
  lobby('lobby'),
  starting('starting'),
  questionOpen('question_open'),
  questionClosed('question_closed'),
  paused('paused'),
  finished('finished'),
  cancelled('cancelled');

  const Status(this.value);
  final String value;

  static Status of(String value) => values.firstWhere((each) => each.value == value);
}

class Time {
  final int now;

  const Time({required this.now});

  factory Time.fromJson(Map<String, dynamic> json) => Time(
    now: json['now'] as int,
  );

  Map<String, dynamic> toJson() => {
    'now': now,
  };
}

class FieldError {
  final String pointer;
  final String code;

  const FieldError({required this.pointer, required this.code});

  factory FieldError.fromJson(Map<String, dynamic> json) => FieldError(
    pointer: json['pointer'] as String,
    code: json['code'] as String,
  );

  Map<String, dynamic> toJson() => {
    'pointer': pointer,
    'code': code,
  };
}

class Problem {
  final String type;
  final String title;
  final int status;
  final String detail;
  final String instance;
  final ErrorCode code;
  final String traceId;
  final List<FieldError>? errors;
  final String? playerId;
  final Session? state;
  final String? policy;
  final int? retryAfterSeconds;

  const Problem({required this.type, required this.title, required this.status, required this.detail, required this.instance, required this.code, required this.traceId, this.errors, this.playerId, this.state, this.policy, this.retryAfterSeconds});

  factory Problem.fromJson(Map<String, dynamic> json) => Problem(
    type: json['type'] as String,
    title: json['title'] as String,
    status: json['status'] as int,
    detail: json['detail'] as String,
    instance: json['instance'] as String,
    code: ErrorCode.of(json['code'] as String),
    traceId: json['traceId'] as String,
    errors: json['errors'] == null ? null : [for (final each in json['errors'] as List) FieldError.fromJson(each as Map<String, dynamic>)],
    playerId: json['playerId'] == null ? null : json['playerId'] as String,
    state: json['state'] == null ? null : Session.fromJson(json['state'] as Map<String, dynamic>),
    policy: json['policy'] == null ? null : json['policy'] as String,
    retryAfterSeconds: json['retryAfterSeconds'] == null ? null : json['retryAfterSeconds'] as int,
  );

  Map<String, dynamic> toJson() => {
    'type': type,
    'title': title,
    'status': status,
    'detail': detail,
    'instance': instance,
    'code': code.value,
    'traceId': traceId,
    if (errors case final errors?) 'errors': [for (final each in errors) each.toJson()],
    if (playerId case final playerId?) 'playerId': playerId,
    if (state case final state?) 'state': state.toJson(),
    if (policy case final policy?) 'policy': policy,
    if (retryAfterSeconds case final retryAfterSeconds?) 'retryAfterSeconds': retryAfterSeconds,
  };
}

class Media {
  final MediaKind kind;
  final String url;
  final String? alt;
  final int? durationMs;

  const Media({required this.kind, required this.url, this.alt, this.durationMs});

  factory Media.fromJson(Map<String, dynamic> json) => Media(
    kind: MediaKind.of(json['kind'] as String),
    url: json['url'] as String,
    alt: json['alt'] == null ? null : json['alt'] as String,
    durationMs: json['durationMs'] == null ? null : json['durationMs'] as int,
  );

  Map<String, dynamic> toJson() => {
    'kind': kind.value,
    'url': url,
    if (alt case final alt?) 'alt': alt,
    if (durationMs case final durationMs?) 'durationMs': durationMs,
  };
}

class OptionWithMedia {
  final String text;
  final Media? media;

  const OptionWithMedia({required this.text, this.media});

  factory OptionWithMedia.fromJson(Map<String, dynamic> json) => OptionWithMedia(
    text: json['text'] as String,
    media: json['media'] == null ? null : Media.fromJson(json['media'] as Map<String, dynamic>),
  );

  Map<String, dynamic> toJson() => {
    'text': text,
    if (media case final media?) 'media': media.toJson(),
  };
}

class NumericKey {
  final double value;
  final double tolerance;

  const NumericKey({required this.value, required this.tolerance});

  factory NumericKey.fromJson(Map<String, dynamic> json) => NumericKey(
    value: (json['value'] as num).toDouble(),
    tolerance: (json['tolerance'] as num).toDouble(),
  );

  Map<String, dynamic> toJson() => {
    'value': value,
    'tolerance': tolerance,
  };
}

class Settings {
  final int timeLimitSeconds;
  final int maxParticipants;
  final QuestionOrder questionOrder;
  final OptionOrder optionOrder;
  final Advance advance;
  final int? autoStartPlayers;
  final double startDelaySeconds;
  final double revealSeconds;
  final bool closeWhenAllAnswered;
  final Scoring scoring;
  final bool streakBonus;
  final RevealTime reveal;
  final bool lateJoin;
  final Access access;
  final int guestSeatsPerAddress;
  final TypedAnswers showTypedAnswers;
  final LagCompensation lagCompensation;

  const Settings({required this.timeLimitSeconds, required this.maxParticipants, required this.questionOrder, required this.optionOrder, required this.advance, this.autoStartPlayers, required this.startDelaySeconds, required this.revealSeconds, required this.closeWhenAllAnswered, required this.scoring, required this.streakBonus, required this.reveal, required this.lateJoin, required this.access, required this.guestSeatsPerAddress, required this.showTypedAnswers, required this.lagCompensation});

  factory Settings.fromJson(Map<String, dynamic> json) => Settings(
    timeLimitSeconds: json['timeLimitSeconds'] as int,
    maxParticipants: json['maxParticipants'] as int,
    questionOrder: QuestionOrder.of(json['questionOrder'] as String),
    optionOrder: OptionOrder.of(json['optionOrder'] as String),
    advance: Advance.of(json['advance'] as String),
    autoStartPlayers: json['autoStartPlayers'] == null ? null : json['autoStartPlayers'] as int,
    startDelaySeconds: (json['startDelaySeconds'] as num).toDouble(),
    revealSeconds: (json['revealSeconds'] as num).toDouble(),
    closeWhenAllAnswered: json['closeWhenAllAnswered'] as bool,
    scoring: Scoring.of(json['scoring'] as String),
    streakBonus: json['streakBonus'] as bool,
    reveal: RevealTime.of(json['reveal'] as String),
    lateJoin: json['lateJoin'] as bool,
    access: Access.of(json['access'] as String),
    guestSeatsPerAddress: json['guestSeatsPerAddress'] as int,
    showTypedAnswers: TypedAnswers.of(json['showTypedAnswers'] as String),
    lagCompensation: LagCompensation.of(json['lagCompensation'] as String),
  );

  Map<String, dynamic> toJson() => {
    'timeLimitSeconds': timeLimitSeconds,
    'maxParticipants': maxParticipants,
    'questionOrder': questionOrder.value,
    'optionOrder': optionOrder.value,
    'advance': advance.value,
    if (autoStartPlayers case final autoStartPlayers?) 'autoStartPlayers': autoStartPlayers,
    'startDelaySeconds': startDelaySeconds,
    'revealSeconds': revealSeconds,
    'closeWhenAllAnswered': closeWhenAllAnswered,
    'scoring': scoring.value,
    'streakBonus': streakBonus,
    'reveal': reveal.value,
    'lateJoin': lateJoin,
    'access': access.value,
    'guestSeatsPerAddress': guestSeatsPerAddress,
    'showTypedAnswers': showTypedAnswers.value,
    'lagCompensation': lagCompensation.value,
  };
}

class PublicQuestion {
  final String questionId;
  final int index;
  final int count;
  final String prompt;
  final Media? media;
  final String? mediaUrl;
  final int points;
  final int timeLimitMs;
  final int opensAt;
  final int closesAt;
  final Kind kind;
  final List<Object>? options;

  const PublicQuestion({required this.questionId, required this.index, required this.count, required this.prompt, this.media, this.mediaUrl, required this.points, required this.timeLimitMs, required this.opensAt, required this.closesAt, required this.kind, this.options});

  factory PublicQuestion.fromJson(Map<String, dynamic> json) => PublicQuestion(
    questionId: json['questionId'] as String,
    index: json['index'] as int,
    count: json['count'] as int,
    prompt: json['prompt'] as String,
    media: json['media'] == null ? null : Media.fromJson(json['media'] as Map<String, dynamic>),
    mediaUrl: json['mediaUrl'] == null ? null : json['mediaUrl'] as String,
    points: json['points'] as int,
    timeLimitMs: json['timeLimitMs'] as int,
    opensAt: json['opensAt'] as int,
    closesAt: json['closesAt'] as int,
    kind: Kind.of(json['kind'] as String),
    options: json['options'] == null ? null : [for (final each in json['options'] as List) each as Object],
  );

  Map<String, dynamic> toJson() => {
    'questionId': questionId,
    'index': index,
    'count': count,
    'prompt': prompt,
    if (media case final media?) 'media': media.toJson(),
    if (mediaUrl case final mediaUrl?) 'mediaUrl': mediaUrl,
    'points': points,
    'timeLimitMs': timeLimitMs,
    'opensAt': opensAt,
    'closesAt': closesAt,
    'kind': kind.value,
    if (options case final options?) 'options': [for (final each in options) each],
  };
}

class TextCount {
  final String text;
  final int count;

  const TextCount({required this.text, required this.count});

  factory TextCount.fromJson(Map<String, dynamic> json) => TextCount(
    text: json['text'] as String,
    count: json['count'] as int,
  );

  Map<String, dynamic> toJson() => {
    'text': text,
    'count': count,
  };
}

class Reveal {
  final String questionId;
  final int index;
  final String? explanation;
  final int answerCount;
  final Kind kind;
  final Object? correct;
  final Object distribution;

  const Reveal({required this.questionId, required this.index, this.explanation, required this.answerCount, required this.kind, this.correct, required this.distribution});

  factory Reveal.fromJson(Map<String, dynamic> json) => Reveal(
    questionId: json['questionId'] as String,
    index: json['index'] as int,
    explanation: json['explanation'] == null ? null : json['explanation'] as String,
    answerCount: json['answerCount'] as int,
    kind: Kind.of(json['kind'] as String),
    correct: json['correct'] == null ? null : json['correct'] as Object,
    distribution: json['distribution'] as Object,
  );

  Map<String, dynamic> toJson() => {
    'questionId': questionId,
    'index': index,
    if (explanation case final explanation?) 'explanation': explanation,
    'answerCount': answerCount,
    'kind': kind.value,
    if (correct case final correct?) 'correct': correct,
    'distribution': distribution,
  };
}

class Me {
  final String playerId;
  final String nickname;
  final int? score;
  final int? rank;
  final List<String> answered;

  const Me({required this.playerId, required this.nickname, this.score, this.rank, required this.answered});

  factory Me.fromJson(Map<String, dynamic> json) => Me(
    playerId: json['playerId'] as String,
    nickname: json['nickname'] as String,
    score: json['score'] == null ? null : json['score'] as int,
    rank: json['rank'] == null ? null : json['rank'] as int,
    answered: [for (final each in json['answered'] as List) each as String],
  );

  Map<String, dynamic> toJson() => {
    'playerId': playerId,
    'nickname': nickname,
    if (score case final score?) 'score': score,
    if (rank case final rank?) 'rank': rank,
    'answered': [for (final each in answered) each],
  };
}

class Pause {
  final List<String> reasons;
  final Status status;
  final int? remainingMs;

  const Pause({required this.reasons, required this.status, this.remainingMs});

  factory Pause.fromJson(Map<String, dynamic> json) => Pause(
    reasons: [for (final each in json['reasons'] as List) each as String],
    status: Status.of(json['status'] as String),
    remainingMs: json['remainingMs'] == null ? null : json['remainingMs'] as int,
  );

  Map<String, dynamic> toJson() => {
    'reasons': [for (final each in reasons) each],
    'status': status.value,
    if (remainingMs case final remainingMs?) 'remainingMs': remainingMs,
  };
}

class SessionState {
  final String sessionId;
  final String title;
  final String joinCode;
  final Status status;
  final int epoch;
  final Settings settings;
  final int questionCount;
  final int playerCount;
  final bool locked;
  final int? startsAt;
  final PublicQuestion? question;
  final Reveal? reveal;
  final int? nextAt;
  final Pause? pause;
  final int? finishedAt;

  const SessionState({required this.sessionId, required this.title, required this.joinCode, required this.status, required this.epoch, required this.settings, required this.questionCount, required this.playerCount, required this.locked, this.startsAt, this.question, this.reveal, this.nextAt, this.pause, this.finishedAt});

  factory SessionState.fromJson(Map<String, dynamic> json) => SessionState(
    sessionId: json['sessionId'] as String,
    title: json['title'] as String,
    joinCode: json['joinCode'] as String,
    status: Status.of(json['status'] as String),
    epoch: json['epoch'] as int,
    settings: Settings.fromJson(json['settings'] as Map<String, dynamic>),
    questionCount: json['questionCount'] as int,
    playerCount: json['playerCount'] as int,
    locked: json['locked'] as bool,
    startsAt: json['startsAt'] == null ? null : json['startsAt'] as int,
    question: json['question'] == null ? null : PublicQuestion.fromJson(json['question'] as Map<String, dynamic>),
    reveal: json['reveal'] == null ? null : Reveal.fromJson(json['reveal'] as Map<String, dynamic>),
    nextAt: json['nextAt'] == null ? null : json['nextAt'] as int,
    pause: json['pause'] == null ? null : Pause.fromJson(json['pause'] as Map<String, dynamic>),
    finishedAt: json['finishedAt'] == null ? null : json['finishedAt'] as int,
  );

  Map<String, dynamic> toJson() => {
    'sessionId': sessionId,
    'title': title,
    'joinCode': joinCode,
    'status': status.value,
    'epoch': epoch,
    'settings': settings.toJson(),
    'questionCount': questionCount,
    'playerCount': playerCount,
    'locked': locked,
    if (startsAt case final startsAt?) 'startsAt': startsAt,
    if (question case final question?) 'question': question.toJson(),
    if (reveal case final reveal?) 'reveal': reveal.toJson(),
    if (nextAt case final nextAt?) 'nextAt': nextAt,
    if (pause case final pause?) 'pause': pause.toJson(),
    if (finishedAt case final finishedAt?) 'finishedAt': finishedAt,
  };
}

class Session {
  final String sessionId;
  final String title;
  final String joinCode;
  final Status status;
  final int epoch;
  final Settings settings;
  final int questionCount;
  final int playerCount;
  final bool locked;
  final int? startsAt;
  final PublicQuestion? question;
  final Reveal? reveal;
  final int? nextAt;
  final Pause? pause;
  final int? finishedAt;
  final Me? me;
  final Presence? presence;

  const Session({required this.sessionId, required this.title, required this.joinCode, required this.status, required this.epoch, required this.settings, required this.questionCount, required this.playerCount, required this.locked, this.startsAt, this.question, this.reveal, this.nextAt, this.pause, this.finishedAt, this.me, this.presence});

  factory Session.fromJson(Map<String, dynamic> json) => Session(
    sessionId: json['sessionId'] as String,
    title: json['title'] as String,
    joinCode: json['joinCode'] as String,
    status: Status.of(json['status'] as String),
    epoch: json['epoch'] as int,
    settings: Settings.fromJson(json['settings'] as Map<String, dynamic>),
    questionCount: json['questionCount'] as int,
    playerCount: json['playerCount'] as int,
    locked: json['locked'] as bool,
    startsAt: json['startsAt'] == null ? null : json['startsAt'] as int,
    question: json['question'] == null ? null : PublicQuestion.fromJson(json['question'] as Map<String, dynamic>),
    reveal: json['reveal'] == null ? null : Reveal.fromJson(json['reveal'] as Map<String, dynamic>),
    nextAt: json['nextAt'] == null ? null : json['nextAt'] as int,
    pause: json['pause'] == null ? null : Pause.fromJson(json['pause'] as Map<String, dynamic>),
    finishedAt: json['finishedAt'] == null ? null : json['finishedAt'] as int,
    me: json['me'] == null ? null : Me.fromJson(json['me'] as Map<String, dynamic>),
    presence: json['presence'] == null ? null : Presence.fromJson(json['presence'] as Map<String, dynamic>),
  );

  Map<String, dynamic> toJson() => {
    'sessionId': sessionId,
    'title': title,
    'joinCode': joinCode,
    'status': status.value,
    'epoch': epoch,
    'settings': settings.toJson(),
    'questionCount': questionCount,
    'playerCount': playerCount,
    'locked': locked,
    if (startsAt case final startsAt?) 'startsAt': startsAt,
    if (question case final question?) 'question': question.toJson(),
    if (reveal case final reveal?) 'reveal': reveal.toJson(),
    if (nextAt case final nextAt?) 'nextAt': nextAt,
    if (pause case final pause?) 'pause': pause.toJson(),
    if (finishedAt case final finishedAt?) 'finishedAt': finishedAt,
    if (me case final me?) 'me': me.toJson(),
    if (presence case final presence?) 'presence': presence.toJson(),
  };
}

class Presence {
  final int connectedCount;
  final List<String> disconnected;

  const Presence({required this.connectedCount, required this.disconnected});

  factory Presence.fromJson(Map<String, dynamic> json) => Presence(
    connectedCount: json['connectedCount'] as int,
    disconnected: [for (final each in json['disconnected'] as List) each as String],
  );

  Map<String, dynamic> toJson() => {
    'connectedCount': connectedCount,
    'disconnected': [for (final each in disconnected) each],
  };
}

class AnswerRequest {
  final String answerId;
  final String questionId;
  final int? choice;
  final List<int>? choices;
  final String? text;
  final double? number;

  const AnswerRequest({required this.answerId, required this.questionId, this.choice, this.choices, this.text, this.number});

  factory AnswerRequest.fromJson(Map<String, dynamic> json) => AnswerRequest(
    answerId: json['answerId'] as String,
    questionId: json['questionId'] as String,
    choice: json['choice'] == null ? null : json['choice'] as int,
    choices: json['choices'] == null ? null : [for (final each in json['choices'] as List) each as int],
    text: json['text'] == null ? null : json['text'] as String,
    number: json['number'] == null ? null : (json['number'] as num).toDouble(),
  );

  Map<String, dynamic> toJson() => {
    'answerId': answerId,
    'questionId': questionId,
    if (choice case final choice?) 'choice': choice,
    if (choices case final choices?) 'choices': [for (final each in choices) each],
    if (text case final text?) 'text': text,
    if (number case final number?) 'number': number,
  };
}

class AnswerAccepted {
  final String answerId;
  final String questionId;
  final int receivedAt;

  const AnswerAccepted({required this.answerId, required this.questionId, required this.receivedAt});

  factory AnswerAccepted.fromJson(Map<String, dynamic> json) => AnswerAccepted(
    answerId: json['answerId'] as String,
    questionId: json['questionId'] as String,
    receivedAt: json['receivedAt'] as int,
  );

  Map<String, dynamic> toJson() => {
    'answerId': answerId,
    'questionId': questionId,
    'receivedAt': receivedAt,
  };
}

class Entry {
  final int rank;
  final String playerId;
  final String nickname;
  final int score;
  final int correctAnswers;

  const Entry({required this.rank, required this.playerId, required this.nickname, required this.score, required this.correctAnswers});

  factory Entry.fromJson(Map<String, dynamic> json) => Entry(
    rank: json['rank'] as int,
    playerId: json['playerId'] as String,
    nickname: json['nickname'] as String,
    score: json['score'] as int,
    correctAnswers: json['correctAnswers'] as int,
  );

  Map<String, dynamic> toJson() => {
    'rank': rank,
    'playerId': playerId,
    'nickname': nickname,
    'score': score,
    'correctAnswers': correctAnswers,
  };
}

class Leaderboard {
  final int version;
  final int playerCount;
  final List<Entry> top;
  final List<Entry>? around;
  final Entry? me;

  const Leaderboard({required this.version, required this.playerCount, required this.top, this.around, this.me});

  factory Leaderboard.fromJson(Map<String, dynamic> json) => Leaderboard(
    version: json['version'] as int,
    playerCount: json['playerCount'] as int,
    top: [for (final each in json['top'] as List) Entry.fromJson(each as Map<String, dynamic>)],
    around: json['around'] == null ? null : [for (final each in json['around'] as List) Entry.fromJson(each as Map<String, dynamic>)],
    me: json['me'] == null ? null : Entry.fromJson(json['me'] as Map<String, dynamic>),
  );

  Map<String, dynamic> toJson() => {
    'version': version,
    'playerCount': playerCount,
    'top': [for (final each in top) each.toJson()],
    if (around case final around?) 'around': [for (final each in around) each.toJson()],
    if (me case final me?) 'me': me.toJson(),
  };
}

class SessionSnapshotMessage extends ServerMessage {
  final String type;
  final int id;
  final Snapshot data;

  const SessionSnapshotMessage({required this.type, required this.id, required this.data});

  factory SessionSnapshotMessage.fromJson(Map<String, dynamic> json) => SessionSnapshotMessage(
    type: json['type'] as String,
    id: json['id'] as int,
    data: Snapshot.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'id': id,
    'data': data.toJson(),
  };
}

class StreamResumedMessage extends ServerMessage {
  final String type;
  final StreamResumed data;

  const StreamResumedMessage({required this.type, required this.data});

  factory StreamResumedMessage.fromJson(Map<String, dynamic> json) => StreamResumedMessage(
    type: json['type'] as String,
    data: StreamResumed.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'data': data.toJson(),
  };
}

class LobbyUpdatedMessage extends ServerMessage {
  final String type;
  final LobbyUpdated data;

  const LobbyUpdatedMessage({required this.type, required this.data});

  factory LobbyUpdatedMessage.fromJson(Map<String, dynamic> json) => LobbyUpdatedMessage(
    type: json['type'] as String,
    data: LobbyUpdated.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'data': data.toJson(),
  };
}

class SessionStartingMessage extends ServerMessage {
  final String type;
  final int id;
  final SessionStarting data;

  const SessionStartingMessage({required this.type, required this.id, required this.data});

  factory SessionStartingMessage.fromJson(Map<String, dynamic> json) => SessionStartingMessage(
    type: json['type'] as String,
    id: json['id'] as int,
    data: SessionStarting.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'id': id,
    'data': data.toJson(),
  };
}

class QuestionUpcomingMessage extends ServerMessage {
  final String type;
  final QuestionUpcoming data;

  const QuestionUpcomingMessage({required this.type, required this.data});

  factory QuestionUpcomingMessage.fromJson(Map<String, dynamic> json) => QuestionUpcomingMessage(
    type: json['type'] as String,
    data: QuestionUpcoming.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'data': data.toJson(),
  };
}

class QuestionOpenedMessage extends ServerMessage {
  final String type;
  final int id;
  final PublicQuestion data;

  const QuestionOpenedMessage({required this.type, required this.id, required this.data});

  factory QuestionOpenedMessage.fromJson(Map<String, dynamic> json) => QuestionOpenedMessage(
    type: json['type'] as String,
    id: json['id'] as int,
    data: PublicQuestion.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'id': id,
    'data': data.toJson(),
  };
}

class QuestionExtendedMessage extends ServerMessage {
  final String type;
  final int id;
  final QuestionExtended data;

  const QuestionExtendedMessage({required this.type, required this.id, required this.data});

  factory QuestionExtendedMessage.fromJson(Map<String, dynamic> json) => QuestionExtendedMessage(
    type: json['type'] as String,
    id: json['id'] as int,
    data: QuestionExtended.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'id': id,
    'data': data.toJson(),
  };
}

class QuestionClosedMessage extends ServerMessage {
  final String type;
  final int id;
  final Reveal data;

  const QuestionClosedMessage({required this.type, required this.id, required this.data});

  factory QuestionClosedMessage.fromJson(Map<String, dynamic> json) => QuestionClosedMessage(
    type: json['type'] as String,
    id: json['id'] as int,
    data: Reveal.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'id': id,
    'data': data.toJson(),
  };
}

class ScoreUpdatedMessage extends ServerMessage {
  final String type;
  final ScoreUpdated data;

  const ScoreUpdatedMessage({required this.type, required this.data});

  factory ScoreUpdatedMessage.fromJson(Map<String, dynamic> json) => ScoreUpdatedMessage(
    type: json['type'] as String,
    data: ScoreUpdated.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'data': data.toJson(),
  };
}

class LeaderboardUpdatedMessage extends ServerMessage {
  final String type;
  final LeaderboardUpdated data;

  const LeaderboardUpdatedMessage({required this.type, required this.data});

  factory LeaderboardUpdatedMessage.fromJson(Map<String, dynamic> json) => LeaderboardUpdatedMessage(
    type: json['type'] as String,
    data: LeaderboardUpdated.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'data': data.toJson(),
  };
}

class LeaderboardChangedMessage extends ServerMessage {
  final String type;
  final LeaderboardChanged data;

  const LeaderboardChangedMessage({required this.type, required this.data});

  factory LeaderboardChangedMessage.fromJson(Map<String, dynamic> json) => LeaderboardChangedMessage(
    type: json['type'] as String,
    data: LeaderboardChanged.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'data': data.toJson(),
  };
}

class AnswersProgressMessage extends ServerMessage {
  final String type;
  final AnswersProgress data;

  const AnswersProgressMessage({required this.type, required this.data});

  factory AnswersProgressMessage.fromJson(Map<String, dynamic> json) => AnswersProgressMessage(
    type: json['type'] as String,
    data: AnswersProgress.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'data': data.toJson(),
  };
}

class SessionPausedMessage extends ServerMessage {
  final String type;
  final int id;
  final SessionPaused data;

  const SessionPausedMessage({required this.type, required this.id, required this.data});

  factory SessionPausedMessage.fromJson(Map<String, dynamic> json) => SessionPausedMessage(
    type: json['type'] as String,
    id: json['id'] as int,
    data: SessionPaused.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'id': id,
    'data': data.toJson(),
  };
}

class SessionResumedMessage extends ServerMessage {
  final String type;
  final int id;
  final SessionResumed data;

  const SessionResumedMessage({required this.type, required this.id, required this.data});

  factory SessionResumedMessage.fromJson(Map<String, dynamic> json) => SessionResumedMessage(
    type: json['type'] as String,
    id: json['id'] as int,
    data: SessionResumed.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'id': id,
    'data': data.toJson(),
  };
}

class SessionLockedMessage extends ServerMessage {
  final String type;
  final int id;
  final At data;

  const SessionLockedMessage({required this.type, required this.id, required this.data});

  factory SessionLockedMessage.fromJson(Map<String, dynamic> json) => SessionLockedMessage(
    type: json['type'] as String,
    id: json['id'] as int,
    data: At.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'id': id,
    'data': data.toJson(),
  };
}

class SessionUnlockedMessage extends ServerMessage {
  final String type;
  final int id;
  final At data;

  const SessionUnlockedMessage({required this.type, required this.id, required this.data});

  factory SessionUnlockedMessage.fromJson(Map<String, dynamic> json) => SessionUnlockedMessage(
    type: json['type'] as String,
    id: json['id'] as int,
    data: At.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'id': id,
    'data': data.toJson(),
  };
}

class SessionCancelledMessage extends ServerMessage {
  final String type;
  final int id;
  final At data;

  const SessionCancelledMessage({required this.type, required this.id, required this.data});

  factory SessionCancelledMessage.fromJson(Map<String, dynamic> json) => SessionCancelledMessage(
    type: json['type'] as String,
    id: json['id'] as int,
    data: At.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'id': id,
    'data': data.toJson(),
  };
}

class SessionFinishedMessage extends ServerMessage {
  final String type;
  final int id;
  final SessionFinished data;

  const SessionFinishedMessage({required this.type, required this.id, required this.data});

  factory SessionFinishedMessage.fromJson(Map<String, dynamic> json) => SessionFinishedMessage(
    type: json['type'] as String,
    id: json['id'] as int,
    data: SessionFinished.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'id': id,
    'data': data.toJson(),
  };
}

class PresenceUpdatedMessage extends ServerMessage {
  final String type;
  final Presence data;

  const PresenceUpdatedMessage({required this.type, required this.data});

  factory PresenceUpdatedMessage.fromJson(Map<String, dynamic> json) => PresenceUpdatedMessage(
    type: json['type'] as String,
    data: Presence.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'data': data.toJson(),
  };
}

class PlayerRemovedMessage extends ServerMessage {
  final String type;
  final At data;

  const PlayerRemovedMessage({required this.type, required this.data});

  factory PlayerRemovedMessage.fromJson(Map<String, dynamic> json) => PlayerRemovedMessage(
    type: json['type'] as String,
    data: At.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'data': data.toJson(),
  };
}

class PlayerReplacedMessage extends ServerMessage {
  final String type;
  final At data;

  const PlayerReplacedMessage({required this.type, required this.data});

  factory PlayerReplacedMessage.fromJson(Map<String, dynamic> json) => PlayerReplacedMessage(
    type: json['type'] as String,
    data: At.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'data': data.toJson(),
  };
}

class AnswerAcceptedMessage extends ServerMessage {
  final String type;
  final Object ref;
  final AnswerAccepted data;

  const AnswerAcceptedMessage({required this.type, required this.ref, required this.data});

  factory AnswerAcceptedMessage.fromJson(Map<String, dynamic> json) => AnswerAcceptedMessage(
    type: json['type'] as String,
    ref: json['ref'] as Object,
    data: AnswerAccepted.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'ref': ref,
    'data': data.toJson(),
  };
}

class TimeMessage extends ServerMessage {
  final String type;
  final Object ref;
  final Time data;

  const TimeMessage({required this.type, required this.ref, required this.data});

  factory TimeMessage.fromJson(Map<String, dynamic> json) => TimeMessage(
    type: json['type'] as String,
    ref: json['ref'] as Object,
    data: Time.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'ref': ref,
    'data': data.toJson(),
  };
}

class ErrorMessage extends ServerMessage {
  final String type;
  final Object? ref;
  final Problem data;

  const ErrorMessage({required this.type, this.ref, required this.data});

  factory ErrorMessage.fromJson(Map<String, dynamic> json) => ErrorMessage(
    type: json['type'] as String,
    ref: json['ref'] == null ? null : json['ref'] as Object,
    data: Problem.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    if (ref case final ref?) 'ref': ref,
    'data': data.toJson(),
  };
}

class AnswerMessage extends ClientMessage {
  final String type;
  final Object ref;
  final AnswerRequest data;
  final String? traceparent;

  const AnswerMessage({required this.type, required this.ref, required this.data, this.traceparent});

  factory AnswerMessage.fromJson(Map<String, dynamic> json) => AnswerMessage(
    type: json['type'] as String,
    ref: json['ref'] as Object,
    data: AnswerRequest.fromJson(json['data'] as Map<String, dynamic>),
    traceparent: json['traceparent'] == null ? null : json['traceparent'] as String,
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'ref': ref,
    'data': data.toJson(),
    if (traceparent case final traceparent?) 'traceparent': traceparent,
  };
}

class ResumeMessage extends ClientMessage {
  final String type;
  final Position? data;

  const ResumeMessage({required this.type, this.data});

  factory ResumeMessage.fromJson(Map<String, dynamic> json) => ResumeMessage(
    type: json['type'] as String,
    data: json['data'] == null ? null : Position.fromJson(json['data'] as Map<String, dynamic>),
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    if (data case final data?) 'data': data.toJson(),
  };
}

class Position {
  final Object lastEventId;

  const Position({required this.lastEventId});

  factory Position.fromJson(Map<String, dynamic> json) => Position(
    lastEventId: json['lastEventId'] as Object,
  );

  Map<String, dynamic> toJson() => {
    'lastEventId': lastEventId,
  };
}

class TimeRequestMessage extends ClientMessage {
  final String type;
  final Object ref;

  const TimeRequestMessage({required this.type, required this.ref});

  factory TimeRequestMessage.fromJson(Map<String, dynamic> json) => TimeRequestMessage(
    type: json['type'] as String,
    ref: json['ref'] as Object,
  );

  @override
  Map<String, dynamic> toJson() => {
    'type': type,
    'ref': ref,
  };
}

class Snapshot {
  final String sessionId;
  final String title;
  final String joinCode;
  final Status status;
  final int epoch;
  final Settings settings;
  final int questionCount;
  final int playerCount;
  final bool locked;
  final int? startsAt;
  final PublicQuestion? question;
  final Reveal? reveal;
  final int? nextAt;
  final Pause? pause;
  final int? finishedAt;
  final Leaderboard leaderboard;
  final Me? me;
  final int now;

  const Snapshot({required this.sessionId, required this.title, required this.joinCode, required this.status, required this.epoch, required this.settings, required this.questionCount, required this.playerCount, required this.locked, this.startsAt, this.question, this.reveal, this.nextAt, this.pause, this.finishedAt, required this.leaderboard, this.me, required this.now});

  factory Snapshot.fromJson(Map<String, dynamic> json) => Snapshot(
    sessionId: json['sessionId'] as String,
    title: json['title'] as String,
    joinCode: json['joinCode'] as String,
    status: Status.of(json['status'] as String),
    epoch: json['epoch'] as int,
    settings: Settings.fromJson(json['settings'] as Map<String, dynamic>),
    questionCount: json['questionCount'] as int,
    playerCount: json['playerCount'] as int,
    locked: json['locked'] as bool,
    startsAt: json['startsAt'] == null ? null : json['startsAt'] as int,
    question: json['question'] == null ? null : PublicQuestion.fromJson(json['question'] as Map<String, dynamic>),
    reveal: json['reveal'] == null ? null : Reveal.fromJson(json['reveal'] as Map<String, dynamic>),
    nextAt: json['nextAt'] == null ? null : json['nextAt'] as int,
    pause: json['pause'] == null ? null : Pause.fromJson(json['pause'] as Map<String, dynamic>),
    finishedAt: json['finishedAt'] == null ? null : json['finishedAt'] as int,
    leaderboard: Leaderboard.fromJson(json['leaderboard'] as Map<String, dynamic>),
    me: json['me'] == null ? null : Me.fromJson(json['me'] as Map<String, dynamic>),
    now: json['now'] as int,
  );

  Map<String, dynamic> toJson() => {
    'sessionId': sessionId,
    'title': title,
    'joinCode': joinCode,
    'status': status.value,
    'epoch': epoch,
    'settings': settings.toJson(),
    'questionCount': questionCount,
    'playerCount': playerCount,
    'locked': locked,
    if (startsAt case final startsAt?) 'startsAt': startsAt,
    if (question case final question?) 'question': question.toJson(),
    if (reveal case final reveal?) 'reveal': reveal.toJson(),
    if (nextAt case final nextAt?) 'nextAt': nextAt,
    if (pause case final pause?) 'pause': pause.toJson(),
    if (finishedAt case final finishedAt?) 'finishedAt': finishedAt,
    'leaderboard': leaderboard.toJson(),
    if (me case final me?) 'me': me.toJson(),
    'now': now,
  };
}

class StreamResumed {
  final int replayed;

  const StreamResumed({required this.replayed});

  factory StreamResumed.fromJson(Map<String, dynamic> json) => StreamResumed(
    replayed: json['replayed'] as int,
  );

  Map<String, dynamic> toJson() => {
    'replayed': replayed,
  };
}

class LobbyUpdated {
  final int playerCount;
  final List<String> joined;
  final List<String> left;

  const LobbyUpdated({required this.playerCount, required this.joined, required this.left});

  factory LobbyUpdated.fromJson(Map<String, dynamic> json) => LobbyUpdated(
    playerCount: json['playerCount'] as int,
    joined: [for (final each in json['joined'] as List) each as String],
    left: [for (final each in json['left'] as List) each as String],
  );

  Map<String, dynamic> toJson() => {
    'playerCount': playerCount,
    'joined': [for (final each in joined) each],
    'left': [for (final each in left) each],
  };
}

class SessionStarting {
  final int startsAt;

  const SessionStarting({required this.startsAt});

  factory SessionStarting.fromJson(Map<String, dynamic> json) => SessionStarting(
    startsAt: json['startsAt'] as int,
  );

  Map<String, dynamic> toJson() => {
    'startsAt': startsAt,
  };
}

class QuestionUpcoming {
  final int index;
  final Media? media;
  final List<Media>? optionMedia;

  const QuestionUpcoming({required this.index, this.media, this.optionMedia});

  factory QuestionUpcoming.fromJson(Map<String, dynamic> json) => QuestionUpcoming(
    index: json['index'] as int,
    media: json['media'] == null ? null : Media.fromJson(json['media'] as Map<String, dynamic>),
    optionMedia: json['optionMedia'] == null ? null : [for (final each in json['optionMedia'] as List) Media.fromJson(each as Map<String, dynamic>)],
  );

  Map<String, dynamic> toJson() => {
    'index': index,
    if (media case final media?) 'media': media.toJson(),
    if (optionMedia case final optionMedia?) 'optionMedia': [for (final each in optionMedia) each.toJson()],
  };
}

class ScoreUpdated {
  final String questionId;
  final String? answerId;
  final bool? correct;
  final int points;
  final int score;
  final int streak;

  const ScoreUpdated({required this.questionId, this.answerId, this.correct, required this.points, required this.score, required this.streak});

  factory ScoreUpdated.fromJson(Map<String, dynamic> json) => ScoreUpdated(
    questionId: json['questionId'] as String,
    answerId: json['answerId'] == null ? null : json['answerId'] as String,
    correct: json['correct'] == null ? null : json['correct'] as bool,
    points: json['points'] as int,
    score: json['score'] as int,
    streak: json['streak'] as int,
  );

  Map<String, dynamic> toJson() => {
    'questionId': questionId,
    if (answerId case final answerId?) 'answerId': answerId,
    if (correct case final correct?) 'correct': correct,
    'points': points,
    'score': score,
    'streak': streak,
  };
}

class LeaderboardUpdated {
  final int version;
  final int playerCount;
  final List<Entry> top;
  final Standing? me;

  const LeaderboardUpdated({required this.version, required this.playerCount, required this.top, this.me});

  factory LeaderboardUpdated.fromJson(Map<String, dynamic> json) => LeaderboardUpdated(
    version: json['version'] as int,
    playerCount: json['playerCount'] as int,
    top: [for (final each in json['top'] as List) Entry.fromJson(each as Map<String, dynamic>)],
    me: json['me'] == null ? null : Standing.fromJson(json['me'] as Map<String, dynamic>),
  );

  Map<String, dynamic> toJson() => {
    'version': version,
    'playerCount': playerCount,
    'top': [for (final each in top) each.toJson()],
    if (me case final me?) 'me': me.toJson(),
  };
}

class LeaderboardChanged {
  final int version;
  final int playerCount;
  final List<String> order;
  final List<Entry> changed;
  final Standing? me;

  const LeaderboardChanged({required this.version, required this.playerCount, required this.order, required this.changed, this.me});

  factory LeaderboardChanged.fromJson(Map<String, dynamic> json) => LeaderboardChanged(
    version: json['version'] as int,
    playerCount: json['playerCount'] as int,
    order: [for (final each in json['order'] as List) each as String],
    changed: [for (final each in json['changed'] as List) Entry.fromJson(each as Map<String, dynamic>)],
    me: json['me'] == null ? null : Standing.fromJson(json['me'] as Map<String, dynamic>),
  );

  Map<String, dynamic> toJson() => {
    'version': version,
    'playerCount': playerCount,
    'order': [for (final each in order) each],
    'changed': [for (final each in changed) each.toJson()],
    if (me case final me?) 'me': me.toJson(),
  };
}

class AnswersProgress {
  final String questionId;
  final int answered;
  final int players;

  const AnswersProgress({required this.questionId, required this.answered, required this.players});

  factory AnswersProgress.fromJson(Map<String, dynamic> json) => AnswersProgress(
    questionId: json['questionId'] as String,
    answered: json['answered'] as int,
    players: json['players'] as int,
  );

  Map<String, dynamic> toJson() => {
    'questionId': questionId,
    'answered': answered,
    'players': players,
  };
}

class QuestionExtended {
  final String questionId;
  final int opensAt;
  final int closesAt;

  const QuestionExtended({required this.questionId, required this.opensAt, required this.closesAt});

  factory QuestionExtended.fromJson(Map<String, dynamic> json) => QuestionExtended(
    questionId: json['questionId'] as String,
    opensAt: json['opensAt'] as int,
    closesAt: json['closesAt'] as int,
  );

  Map<String, dynamic> toJson() => {
    'questionId': questionId,
    'opensAt': opensAt,
    'closesAt': closesAt,
  };
}

class SessionPaused {
  final int at;
  final String reason;
  final int? remainingMs;

  const SessionPaused({required this.at, required this.reason, this.remainingMs});

  factory SessionPaused.fromJson(Map<String, dynamic> json) => SessionPaused(
    at: json['at'] as int,
    reason: json['reason'] as String,
    remainingMs: json['remainingMs'] == null ? null : json['remainingMs'] as int,
  );

  Map<String, dynamic> toJson() => {
    'at': at,
    'reason': reason,
    if (remainingMs case final remainingMs?) 'remainingMs': remainingMs,
  };
}

class SessionResumed {
  final int at;
  final String reason;
  final PublicQuestion? question;

  const SessionResumed({required this.at, required this.reason, this.question});

  factory SessionResumed.fromJson(Map<String, dynamic> json) => SessionResumed(
    at: json['at'] as int,
    reason: json['reason'] as String,
    question: json['question'] == null ? null : PublicQuestion.fromJson(json['question'] as Map<String, dynamic>),
  );

  Map<String, dynamic> toJson() => {
    'at': at,
    'reason': reason,
    if (question case final question?) 'question': question.toJson(),
  };
}

class SessionFinished {
  final List<Entry> top;
  final int playerCount;
  final Standing? me;

  const SessionFinished({required this.top, required this.playerCount, this.me});

  factory SessionFinished.fromJson(Map<String, dynamic> json) => SessionFinished(
    top: [for (final each in json['top'] as List) Entry.fromJson(each as Map<String, dynamic>)],
    playerCount: json['playerCount'] as int,
    me: json['me'] == null ? null : Standing.fromJson(json['me'] as Map<String, dynamic>),
  );

  Map<String, dynamic> toJson() => {
    'top': [for (final each in top) each.toJson()],
    'playerCount': playerCount,
    if (me case final me?) 'me': me.toJson(),
  };
}

class At {
  final int at;

  const At({required this.at});

  factory At.fromJson(Map<String, dynamic> json) => At(
    at: json['at'] as int,
  );

  Map<String, dynamic> toJson() => {
    'at': at,
  };
}

class Standing {
  final int rank;
  final int score;

  const Standing({required this.rank, required this.score});

  factory Standing.fromJson(Map<String, dynamic> json) => Standing(
    rank: json['rank'] as int,
    score: json['score'] as int,
  );

  Map<String, dynamic> toJson() => {
    'rank': rank,
    'score': score,
  };
}
