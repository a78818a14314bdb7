import { toJson } from '@bufbuild/protobuf'
import { ValueSchema } from '@bufbuild/protobuf/wkt'
import type { SessionSummary } from '#gen/command_pb'
import type { PublicQuestion, QuestionReveal, SessionSettings, SessionState } from '#gen/feed_pb'
import { findKind } from '../../game/kinds/kinds.ts'
import { defaultGuestSeats } from '../../game/session/settings.ts'
import { type Viewer, visibleState } from '../streams/visibility.ts'
import { optionsJson, questionMediaJson } from './media-json.ts'

/** JSON documents of the API made from the contracts of the bus: what clients may see, and nothing else. */

export const questionJson = (question: PublicQuestion) => ({
  questionId: question.questionId,
  index: question.index,
  count: question.count,
  kind: question.kind,
  prompt: question.prompt,
  ...(question.options.length > 0 && { options: optionsJson(question) }),
  ...questionMediaJson(question),
  points: question.points,
  timeLimitMs: question.timeLimitMs,
  opensAt: question.opensAtMs,
  closesAt: question.closesAtMs,
})

export const revealJson = (reveal: QuestionReveal) => ({
  questionId: reveal.questionId,
  index: reveal.index,
  kind: reveal.kind,
  ...(reveal.correct !== undefined && { correct: toJson(ValueSchema, reveal.correct) }),
  ...(reveal.explanation !== undefined && { explanation: reveal.explanation }),
  answerCount: reveal.answerCount,
  distribution:
    findKind(reveal.kind)?.distribution.of === 'texts'
      ? reveal.textCounts.map(({ text, count }) => ({ text, count }))
      : reveal.optionCounts,
})

export const settingsJson = (settings: SessionSettings) => ({
  timeLimitSeconds: settings.timeLimitSeconds,
  maxParticipants: settings.maxParticipants,
  questionOrder: settings.questionOrder,
  optionOrder: settings.optionOrder,
  advance: settings.advance,
  autoStartPlayers: settings.autoStartPlayers || null,
  startDelaySeconds: settings.startDelaySeconds,
  revealSeconds: settings.revealSeconds,
  closeWhenAllAnswered: settings.closeWhenAllAnswered,
  scoring: settings.scoring,
  streakBonus: settings.streakBonus,
  reveal: settings.reveal,
  lateJoin: settings.lateJoin,
  access: settings.access,
  // Sessions of before have none.
  guestSeatsPerAddress: settings.guestSeatsPerAddress ?? defaultGuestSeats(settings.maxParticipants ?? 0),
  showTypedAnswers: settings.showTypedAnswers,
  // Of before as well: nothing was measured.
  lagCompensation: settings.lagCompensation ?? 'off',
})

/** One of the host's own sessions. */
export const summaryJson = (session: SessionSummary) => ({
  sessionId: session.sessionId,
  ...(session.joinCode !== undefined && { joinCode: session.joinCode }),
  quizId: session.quizId,
  title: session.title,
  status: session.status,
  playerCount: session.playerCount,
  createdAt: session.createdAtMs,
  ...(session.startedAtMs !== undefined && { startedAt: session.startedAtMs }),
  ...(session.finishedAtMs !== undefined && { finishedAt: session.finishedAtMs }),
})

/** A session as a viewer may see it. `playerCount` may be newer than the state's own. */
export const sessionJson = (whole: SessionState, playerCount: number, viewer: Viewer) => {
  const state = visibleState(whole, viewer)
  return {
    sessionId: state.sessionId,
    title: state.title,
    joinCode: state.joinCode,
    status: state.status,
    epoch: state.epoch,
    settings: state.settings === undefined ? undefined : settingsJson(state.settings),
    questionCount: state.questionCount,
    playerCount,
    locked: state.locked,
    ...(state.startsAtMs !== undefined && { startsAt: state.startsAtMs }),
    ...(state.question !== undefined && { question: questionJson(state.question) }),
    ...(state.reveal !== undefined && { reveal: revealJson(state.reveal) }),
    ...(state.nextAtMs !== undefined && { nextAt: state.nextAtMs }),
    ...(state.status === 'paused' && {
      pause: { reasons: state.pauseReasons, status: state.pausedStatus, remainingMs: state.remainingMs },
    }),
    ...(state.finishedAtMs !== undefined && { finishedAt: state.finishedAtMs }),
  }
}
