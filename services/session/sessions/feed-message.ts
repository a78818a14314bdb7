import {
  create,
  type DescMessage,
  fromJson,
  type JsonValue,
  type Message,
  type MessageInitShape,
} from '@bufbuild/protobuf'
import { ValueSchema } from '@bufbuild/protobuf/wkt'
import {
  type FeedEventSchema,
  type FeedMessage,
  FeedMessageSchema,
  type PublicQuestionSchema,
  type QuestionRevealSchema,
  type SessionStateSchema,
} from '#gen/feed_pb'
import { kindOf } from '../../game/kinds/kinds.ts'
import type { Media } from '../../game/media.ts'
import type { Question } from '../../game/question.ts'
import { currentQuestion, upcomingIndex } from '../../game/session/phase.ts'
import type { OpenQuestion, SessionEvent, SessionState, Tally } from '../../game/session/state.ts'
import type { SessionView } from './session.ts'
import type { ShownQuestion } from './shown-questions.ts'

/** The fields of a message before it is one. */
type Fields<Schema extends DescMessage> = Exclude<MessageInitShape<Schema>, Message>

/** What a FEED message tells of: a transition, or the creation of the session. */
export type FeedTrigger = SessionEvent | { readonly type: 'created' }

/** A session as the edges know it; with the event that led to this state, where there is one. */
export const feedMessage = (
  { session, questions, generations = [] }: SessionView,
  now: number,
  event?: FeedTrigger,
): FeedMessage => {
  const { state } = session
  const open = currentQuestion(state)
  return create(FeedMessageSchema, {
    sessionId: session.sessionId,
    epoch: state.epoch,
    atMs: now,
    ...(event !== undefined && { event: { event: feedEvent(event, state, questions, now) } }),
    state: {
      sessionId: session.sessionId,
      title: session.title,
      joinCode: session.joinCode,
      settings: session.settings,
      questionCount: session.questionCount,
      playerCount: session.playerCount,
      ...stateFields(state),
      ...(open !== undefined && { question: publicQuestion(at(questions, open.index), open, session.questionCount) }),
      ...upcomingFields(state, questions),
      ...(state.revealed !== null && {
        reveal: questionReveal(at(questions, state.revealed.index), state.revealed.tally),
      }),
    },
    internal: {
      hostUserId: session.hostId,
      removedPlayerIds: [...state.removed],
      admitsAnswers: state.phase.status === 'question_open',
      countedAtMs: session.countedAt,
      generations: generations.map(({ playerId, generation, status }) => ({
        playerId,
        generation,
        left: status === 'left',
      })),
    },
  })
}

const at = (questions: readonly ShownQuestion[], index: number): ShownQuestion => {
  const question = questions.find((candidate) => candidate.index === index)
  if (question === undefined) throw new Error(`question ${index} was not loaded`)
  return question
}

/** A question that is being closed still counts as open: players see the difference when the reveal comes. */
export const publicStatus = ({ phase }: Pick<SessionState, 'phase'>): string =>
  phase.status === 'question_closing' ? 'question_open' : phase.status

const stateFields = (state: SessionState): Fields<typeof SessionStateSchema> => {
  const { phase } = state
  const common = { status: publicStatus(state), epoch: state.epoch, locked: state.locked }
  switch (phase.status) {
    case 'starting':
      return { ...common, startsAtMs: phase.startsAt }
    case 'question_closed':
      return phase.nextAt === null ? common : { ...common, nextAtMs: phase.nextAt }
    case 'paused': {
      const { status: pausedStatus, remainingMs } = phase.held
      const paused = { ...common, pauseReasons: [...phase.reasons], pausedStatus }
      return remainingMs === null ? paused : { ...paused, remainingMs }
    }
    case 'finished':
    case 'cancelled':
      return { ...common, finishedAtMs: phase.at }
    default:
      return common
  }
}

export const publicQuestion = (
  question: ShownQuestion,
  { opensAt, closesAt, elapsedBeforeMs, extendedMs }: Omit<OpenQuestion, 'index'>,
  count: number,
): Fields<typeof PublicQuestionSchema> => ({
  questionId: question.questionId,
  index: question.index,
  count,
  kind: question.kind,
  prompt: question.prompt,
  options: [...question.options],
  ...mediaFields(question),
  points: question.points,
  opensAtMs: opensAt,
  closesAtMs: closesAt,
  timeLimitMs: question.timeLimitMs,
  elapsedBeforeMs: Math.round(elapsedBeforeMs),
  ...(extendedMs !== undefined && { extendedMs }),
})

/** Of the next question, what takes time to load. */
const upcomingFields = (
  state: SessionState,
  questions: readonly ShownQuestion[],
): Pick<Fields<typeof SessionStateSchema>, 'upcoming'> => {
  const index = upcomingIndex(state)
  if (index === undefined) return {}
  const { media, optionMedia = {} } = at(questions, index)
  const ofOptions = Object.values(optionMedia).map(mediaMessage)
  if (media === undefined && ofOptions.length === 0) return {}
  return { upcoming: { index, ...(media !== undefined && { media: mediaMessage(media) }), optionMedia: ofOptions } }
}

export const questionReveal = (question: ShownQuestion, tally: Tally): Fields<typeof QuestionRevealSchema> => ({
  questionId: question.questionId,
  index: question.index,
  kind: question.kind,
  ...correctField(question),
  ...explanationField(question),
  answerCount: tally.answerCount,
  optionCounts: [...tally.optionCounts],
  textCounts: [...tally.textCounts],
})

/** The media of a question, and its address alone for those who know no more. */
export const mediaFields = ({ media, optionMedia }: Pick<Question, 'media' | 'optionMedia'>) => ({
  ...(media !== undefined && { media: mediaMessage(media), mediaUrl: media.url }),
  ...(optionMedia !== undefined && {
    optionMedia: Object.fromEntries(Object.entries(optionMedia).map(([index, each]) => [index, mediaMessage(each)])),
  }),
})

const mediaMessage = ({ kind, url, alt, durationMs }: Media) => ({
  kind,
  url,
  ...(alt !== undefined && { alt }),
  ...(durationMs !== undefined && { durationMs }),
})

/** `correct` in the form of the kind, absent for kinds without. */
export const correctField = ({ kind, key }: ShownQuestion): Pick<Fields<typeof QuestionRevealSchema>, 'correct'> => {
  const correct = kindOf(kind).correctOf(key)
  return correct === undefined ? {} : { correct: fromJson(ValueSchema, correct as JsonValue) }
}

export const explanationField = ({ explanation }: Pick<ShownQuestion, 'explanation'>) =>
  explanation === undefined ? {} : { explanation }

/** When a past question was open is not kept. */
export const PAST = { opensAt: 0, closesAt: 0, elapsedBeforeMs: 0 }

type FeedEventInit = NonNullable<Fields<typeof FeedEventSchema>['event']>

const feedEvent = (
  event: FeedTrigger,
  state: SessionState,
  questions: readonly ShownQuestion[],
  now: number,
): FeedEventInit => {
  const opensInMs = (): number => {
    const opensAt = state.phase.status === 'question_open' ? state.phase.opensAt : now
    return Math.max(0, Math.round(opensAt - now))
  }
  switch (event.type) {
    case 'created':
      return { case: 'sessionCreated', value: {} }
    case 'starting':
      return { case: 'sessionStarting', value: { startsAtMs: event.startsAt } }
    case 'question_opened':
      return { case: 'questionOpened', value: { opensInMs: opensInMs() } }
    case 'question_extended':
      return { case: 'questionExtended', value: { opensInMs: opensInMs() } }
    case 'question_closing': {
      const { questionId } = at(questions, currentQuestion(state)?.index ?? -1)
      return { case: 'questionClosing', value: { questionId } }
    }
    case 'question_closed':
      return { case: 'questionClosed', value: {} }
    case 'paused':
      return { case: 'sessionPaused', value: { reason: event.reason } }
    case 'resumed':
      return { case: 'sessionResumed', value: { reason: event.reason, opensInMs: opensInMs() } }
    case 'locked':
      return { case: 'sessionLocked', value: {} }
    case 'unlocked':
      return { case: 'sessionUnlocked', value: {} }
    case 'players_removed':
      return { case: 'playerRemoved', value: { playerIds: [...event.playerIds] } }
    case 'finished':
      return { case: 'sessionFinished', value: {} }
    case 'cancelled':
      return { case: 'sessionCancelled', value: {} }
    default:
      return event satisfies never
  }
}
