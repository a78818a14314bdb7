export type { AnswerOptions, AnswerOutcome } from './answers.ts'
export { type BoardEvent, type BoardState, EMPTY_BOARD, evolveBoard } from './board.ts'
export {
  type ClientOptions,
  type CreateOptions,
  createClient,
  type JoinOptions,
  type PageOptions,
  type PodiumClient,
  type QuizzesOptions,
  type SessionsOptions,
} from './client.ts'
export type * from './documents.ts'
export { keyOf, optionsOf, optionText } from './documents.ts'
export type { BoardOptions, FetchLike, TokenSource, WebSocketConstructor } from './http.ts'
export { newId as newAnswerId } from './ids.ts'
export type { NextOptions } from './listeners.ts'
export { type AnswerStore, memoryStore } from './outbox.ts'
export type { Player } from './player.ts'
export { type ClientCode, PodiumProblem } from './problem.ts'
export type { EventStream, StreamOptions, StreamStatus } from './stream.ts'
export type { TraceSource } from './trace.ts'
export type { Backoff } from './waiting.ts'
