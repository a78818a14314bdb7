import { setTimeout as sleep } from 'node:timers/promises'
import { METRICS } from '#platform/contract/names'
import type { Logger } from '#platform/logger'
import { type Metrics, noTelemetry, type Span } from '#platform/telemetry'
import type { Totals } from '../../game/scoring/totals.ts'
import { createBoard } from './board.ts'
import { createWaiters } from './waiters.ts'

/** What a board delta says about the answers behind it. */
export interface AnswersBehind {
  /** When the oldest of them arrived at its edge, wall clock; 0 when there are none. */
  readonly firstReceivedAtMs: number
  /** Players whose totals they changed. */
  readonly players: number
  /** The sampled ones. */
  readonly span: Span | undefined
}

/** A change of a board from (epoch, from) to (epoch, to). */
export interface BoardDelta {
  /** Grows with every rebuild of the board. */
  readonly epoch: number
  readonly from: number
  readonly to: number
  readonly entries: readonly Totals[]
  /** The answers that it shows, as far as they are measured. */
  readonly answers?: AnswersBehind
}

export interface BoardSnapshot {
  readonly epoch: number
  readonly version: number
  readonly entries: readonly Totals[]
}

/** Where boards come from. */
export interface BoardSource {
  /** Deltas from now on: in order, possibly with holes. Must not throw. Returns its end. */
  subscribe(sessionId: string, listener: (delta: BoardDelta) => void): () => void
  /** The whole board, not older than the call. @throws PodiumError `unavailable` */
  snapshot(sessionId: string): Promise<BoardSnapshot>
}

/** Delta entries kept while a snapshot is under way; beyond that they are dropped, and another snapshot fills the hole. */
const MAX_BUFFERED_ENTRIES = 20_000

const RETRY_MIN_MS = 50
const RETRY_MAX_MS = 5_000

export type BoardReplica = ReturnType<typeof createBoardReplica>

/** This edge's copy of a board, kept whole by versions: deltas move it on, a hole in them asks for a snapshot. */
export const createBoardReplica = (options: {
  readonly sessionId: string
  readonly source: BoardSource
  readonly logger: Logger
  /** The totals may have changed. */
  readonly onChange: () => void
  /** Answers came with a delta that was applied, and may be seen from now on. */
  readonly onAnswers?: (answers: AnswersBehind) => void
  readonly metrics?: Metrics
}) => {
  const { sessionId, source, logger, onChange, onAnswers, metrics = noTelemetry().metrics } = options
  const gaps = metrics.counter(METRICS.boardGaps)
  const loaded = metrics.counter(METRICS.boardSnapshots, 'ok')
  const failed = metrics.counter(METRICS.boardSnapshots, 'failed')
  const board = createBoard()
  let at: { readonly epoch: number; readonly version: number } | undefined
  const snapshots = createWaiters()
  let isLoading = false
  let isClosed = false
  let buffered: BoardDelta[] = []
  let bufferedEntries = 0

  /** Applies what fits; false when deltas are missing before this one. */
  const advance = (delta: BoardDelta): boolean => {
    if (at === undefined || delta.epoch > at.epoch) return false
    if (delta.epoch < at.epoch || delta.to < at.version) return true // known already
    if (delta.from > at.version) return false
    // Totals are absolute, so a delta that begins before our version does no harm.
    board.apply(delta.entries)
    at = { epoch: at.epoch, version: delta.to }
    return true
  }

  const buffer = (delta: BoardDelta): void => {
    bufferedEntries += delta.entries.length
    if (bufferedEntries > MAX_BUFFERED_ENTRIES) clearBuffer()
    buffered.push(delta)
  }

  const clearBuffer = (): void => {
    buffered = []
    bufferedEntries = 0
  }

  const onDelta = (delta: BoardDelta): void => {
    if (isLoading) buffer(delta)
    if (advance(delta)) {
      if (delta.answers !== undefined) onAnswers?.(delta.answers)
      if (delta.entries.length > 0) onChange()
      return
    }
    if (isLoading) return
    gaps.add()
    buffer(delta)
    resync()
  }

  const load = async (): Promise<void> => {
    isLoading = true
    let failures = 0
    while (snapshots.isWanted() && !isClosed) {
      if (failures > 0) await sleep(backoffMs(failures), undefined, { ref: false })
      const ticket = snapshots.newest()
      try {
        const { epoch, version, entries } = await source.snapshot(sessionId)
        if (isClosed) return
        board.replace(entries)
        at = { epoch, version }
        const waiting = buffered
        clearBuffer()
        const gap = waiting.findIndex((delta) => !advance(delta))
        loaded.add()
        snapshots.finish(ticket)
        onChange()
        if (gap === -1) {
          failures = 0
        } else {
          failures += 1 // a pause before the next one, whatever the deltas say
          for (const delta of waiting.slice(gap)) buffer(delta)
          snapshots.want()
        }
      } catch (err) {
        failures += 1
        failed.add()
        if (failures === 1) logger.warn({ err, sessionId }, 'no board snapshot yet')
      }
    }
    isLoading = false
  }

  const resync = (): void => {
    snapshots.want()
    start()
  }

  const start = (): void => {
    if (!isLoading && !isClosed) void load() // never rejects: failures are logged and retried
  }

  const unsubscribe = source.subscribe(sessionId, onDelta)
  resync()

  return {
    /** Public version of the newest totals: epoch · 2^32 + version. Undefined before the first snapshot. */
    version: (): number | undefined => (at === undefined ? undefined : at.epoch * 2 ** 32 + at.version),
    /** Asks for a snapshot, once however often it is called before that is under way; repairs whatever was missed. */
    resync,
    /** Resolves true when a first snapshot is in, false when the time is up. */
    ready: (timeoutMs: number): Promise<boolean> => snapshots.wait(1, timeoutMs),
    /** Resolves true when a snapshot that was asked for after this call is in, false when the time is up. */
    fresh: (timeoutMs: number): Promise<boolean> => {
      const ticket = snapshots.want()
      start()
      return snapshots.wait(ticket, timeoutMs)
    },
    board,
    close: (): void => {
      isClosed = true
      unsubscribe()
      snapshots.close()
    },
  }
}

const backoffMs = (failures: number): number =>
  Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(failures, 10)) * (0.5 + Math.random() / 2)
