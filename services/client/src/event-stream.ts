import type { BoardState } from './board.ts'
import type { EventOf, EventType, PodiumEvent, SessionSnapshot } from './events.ts'
import type { NextOptions } from './listeners.ts'
import type { PodiumProblem } from './problem.ts'
import type { Backoff } from './waiting.ts'

export type StreamStatus = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed'

export interface StreamOptions {
  /** Default `ws`. */
  readonly transport?: 'ws' | 'sse'
  readonly backoff?: Backoff
  /** A connection that says nothing for so long counts as lost. Default 45 000. */
  readonly silenceMs?: number
}

/** The messages of one session, over as many connections as it takes. */
export interface EventStream {
  /**
   * Starts the stream, once. Resolves with its first snapshot; rejects with the problem that ended it before.
   * From then on it reconnects by itself until `close()` or until the server refuses it for good.
   */
  connect(): Promise<SessionSnapshot>
  /** Returns the function that takes the listener off. `*` gets every message, also of types this version does not know. */
  on<T extends EventType>(type: T, listener: (event: EventOf<T>) => void): () => void
  on(type: '*', listener: (event: PodiumEvent) => void): () => void
  onStatus(listener: (status: StreamStatus) => void): () => void
  /** The next event of a type from now on. @throws PodiumProblem `client-timeout`, or what ended the stream */
  next<T extends EventType>(type: T, options?: NextOptions<T>): Promise<EventOf<T>>
  readonly status: StreamStatus
  /** What to show; a new object with every change. Up to date when the listeners of an event are called. */
  readonly board: BoardState
  onBoard(listener: (board: BoardState) => void): () => void
  /** Position of the last event that had one. */
  readonly lastEventId: string | undefined
  /** Connections opened after the first. */
  readonly reconnects: number
  /** Undefined when we closed the stream, else why the server does not want us back. Never rejects. */
  readonly ended: Promise<PodiumProblem | undefined>
  /**
   * The server's clock in milliseconds since the epoch: the best of several measured round trips, off by half of one at
   * the most. Before the first, what the snapshot said.
   */
  serverNow(): number
  /** The device is back, the app in front again: reconnects without waiting, or finds out whether the connection lives. */
  wake(): void
  /** Loses the connection, as a bad network would. */
  drop(): void
  close(): void
}
