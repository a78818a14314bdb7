import type {
  AnswerAcceptedMessage,
  AnswerRequest,
  ErrorMessage,
  Key,
  Option,
  PublicQuestion,
  Quiz,
  Reveal,
  ServerMessage,
  TimeMessage,
} from './types/api.ts'

/** The documents of the API (`types/api.ts`, generated), and what the library makes of the messages of a stream. */
export type * from './types/api.ts'

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never

/** An answer without its ids: the form that the question's kind takes. */
export type AnswerContent = Without<AnswerRequest, 'answerId' | 'questionId'>

/** A quiz as it was read; `etag` names this state of it, for a change. */
export interface ReadQuiz extends Quiz {
  readonly etag: string
}

/** The options of a question as shown; none for what is typed and for true_false. */
export const optionsOf = (question: PublicQuestion): readonly Option[] =>
  'options' in question ? question.options : []

/** The key of a closed question; undefined for a poll. */
export const keyOf = (reveal: Reveal): Key | undefined => ('correct' in reveal ? reveal.correct : undefined)

/** The text alone, for screens without media. */
export const optionText = (option: Option): string => (typeof option === 'string' ? option : option.text)

/** What is no reply to a request. */
type Event = Exclude<ServerMessage, AnswerAcceptedMessage | TimeMessage | ErrorMessage>

export type EventType = Event['type']

/** The payload of every message of a stream, by its type. */
export type EventData = { readonly [E in Event as E['type']]: E['data'] }

export interface EventOf<T extends EventType> {
  readonly type: T
  /** Position of the event in the session; absent for state of which only the newest matters. */
  readonly id?: string
  readonly data: EventData[T]
}

/** Any message of a stream; `switch` on `type` narrows `data`. */
export type PodiumEvent = { [T in EventType]: EventOf<T> }[EventType]

/** Events after which the server ends the stream for good. */
export const FINAL_EVENTS: Readonly<Record<string, 'player-removed' | 'player-replaced'>> = {
  'player.removed': 'player-removed',
  'player.replaced': 'player-replaced',
}
