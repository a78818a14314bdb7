import { create, fromBinary, fromJson, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { ValueSchema } from '@bufbuild/protobuf/wkt'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import type { Answer, QuestionAnswers } from '#gen/answer_pb'
import { AnswersRequestSchema, CommandReplySchema } from '#gen/command_pb'
import {
  FeedMessageSchema,
  type PublicQuestionSchema,
  type QuestionRevealSchema,
  type UpcomingQuestionSchema,
} from '#gen/feed_pb'
import { decodeAnswers } from '#platform/contract/codec/answer'
import { answersStream } from '#platform/contract/streams'
import { type CommandName, subjects } from '#platform/contract/subjects'
import { newId } from '#platform/ids'
import type { Msg, NatsConnection } from '#platform/nats'

type FeedInit = MessageInitShape<typeof FeedMessageSchema>
type EventInit = NonNullable<NonNullable<FeedInit['event']>['event']>
type ReplyInit = NonNullable<MessageInitShape<typeof CommandReplySchema>['reply']>

interface State {
  readonly finishedAtMs?: number
  status: string
  epoch: number
  playerCount: number
  question?: MessageInitShape<typeof PublicQuestionSchema> | undefined
  reveal?: MessageInitShape<typeof QuestionRevealSchema> | undefined
  upcoming?: MessageInitShape<typeof UpcomingQuestionSchema> | undefined
}

interface Internal {
  hostUserId: string
  removedPlayerIds: string[]
  admitsAnswers: boolean
  countedAtMs?: number
}

/** Stands on the other side of the bus: publishes the feed of one session as `session` would. */
export interface TestSession {
  readonly sessionId: string
  readonly questionIds: readonly string[]
  /** The newest message, as `session` would answer for it. */
  message(event: EventInit): FeedInit
  /** One transition. Resolves with its position. */
  publish(event: EventInit, state?: Partial<State>, internal?: Partial<Internal>): Promise<number>
  /** Opens a question, now or later. */
  open(index: number, options?: { kind?: string; opensInMs?: number; timeLimitMs?: number }): Promise<number>
  /** Closes the open question, with its reveal. */
  close(): Promise<number>
}

export const createTestSession = (nats: NatsConnection, hostUserId = 'host'): TestSession => {
  const js = jetstream(nats)
  const sessionId = newId()
  const questionIds = [newId(), newId(), newId()]
  const state: State = { status: 'lobby', epoch: 0, playerCount: 0 }
  const internal: Internal = { hostUserId, removedPlayerIds: [], admitsAnswers: false }

  const message = (event: EventInit): FeedInit => ({
    sessionId,
    epoch: state.epoch,
    atMs: Date.now(),
    event: { event },
    state: { sessionId, title: 'Test', joinCode: 'ABCDEF', settings: {}, questionCount: questionIds.length, ...state },
    internal,
  })

  const publish: TestSession['publish'] = async (event, nextState = {}, nextInternal = {}) => {
    Object.assign(state, nextState, { epoch: state.epoch + 1 })
    Object.assign(internal, nextInternal)
    const payload = toBinary(FeedMessageSchema, create(FeedMessageSchema, message(event)))
    return (await js.publish(subjects.feed(sessionId), payload)).seq
  }

  return {
    sessionId,
    questionIds,
    message,
    publish,
    open: (index, { kind = 'single_choice', opensInMs = 0, timeLimitMs = 60_000 } = {}) => {
      const opensAtMs = Date.now() + opensInMs
      const question = {
        questionId: questionIds[index] ?? '',
        index,
        count: questionIds.length,
        kind,
        prompt: 'Which?',
        options: kind === 'single_choice' || kind === 'multiple_choice' ? ['a', 'b', 'c', 'd'] : [],
        points: 1_000,
        opensAtMs,
        closesAtMs: opensAtMs + timeLimitMs,
        timeLimitMs,
      }
      const event = { case: 'questionOpened', value: { opensInMs } } as const
      return publish(event, { status: 'question_open', question, reveal: undefined }, { admitsAnswers: true })
    },
    close: () => {
      const { questionId = '', index = 0, kind = '' } = state.question ?? {}
      const reveal = { questionId, index, kind, correct: fromJson(ValueSchema, 0) }
      const closed = { status: 'question_closed', question: undefined, reveal }
      return publish({ case: 'questionClosed', value: {} }, closed, { admitsAnswers: false })
    },
  }
}

/** Every answer that is stored, oldest first. */
export const storedAnswers = async (nats: NatsConnection) => {
  const { streams } = await jetstreamManager(nats)
  const { state } = await streams.info(answersStream(0))
  const answers: (Answer & Pick<QuestionAnswers, 'sessionId' | 'questionId' | 'questionIndex'>)[] = []
  for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq += 1) {
    const message = await streams.getMessage(answersStream(0), { seq })
    for (const { answers: all, sessionId, questionId, questionIndex } of decodeAnswers(message?.data ?? NOTHING)
      .questions) {
      answers.push(...all.map((answer) => ({ ...answer, sessionId, questionId, questionIndex })))
    }
  }
  return answers
}

const NOTHING = new Uint8Array()

/** Says as `session` does which answers count: of each player the first that is stored, as if all of them were scored. */
export const serveAnswers = (nats: NatsConnection): void => {
  const reply = async (message: Msg): Promise<void> => {
    const { sessionId, questionIndex, playerId } = fromBinary(AnswersRequestSchema, message.data)
    const stored = (await storedAnswers(nats)).filter(
      (answer) => answer.sessionId === sessionId && answer.questionIndex === questionIndex,
    )
    const first = stored.find((answer) => answer.playerId === playerId)
    const answers = playerId === undefined ? stored : first === undefined ? [] : [first]
    const value = { answers: answers.map(({ $typeName: _, ...answer }) => answer) }
    message.respond(toBinary(CommandReplySchema, create(CommandReplySchema, { reply: { case: 'answers', value } })))
  }
  nats.subscribe(subjects.command('session-answers'), {
    // Without a reply the edge says that it is not certain.
    callback: (_err, message) => void reply(message).catch(() => undefined),
  })
}

/** Answers one command on the bus until `stop`. `calls` are the payloads so far. */
export const serve = (
  nats: NatsConnection,
  name: CommandName,
  answer: (payload: Uint8Array) => ReplyInit,
): { readonly calls: Uint8Array[]; readonly tokens: (string | undefined)[]; stop(): void } => {
  const calls: Uint8Array[] = []
  const tokens: (string | undefined)[] = []
  const subscription = nats.subscribe(subjects.command(name), {
    callback: (err, message) => {
      if (err !== null) throw err
      calls.push(message.data)
      tokens.push(message.headers?.get('podium-token'))
      message.respond(toBinary(CommandReplySchema, create(CommandReplySchema, { reply: answer(message.data) })))
    },
  })
  return { calls, tokens, stop: () => subscription.unsubscribe() }
}
