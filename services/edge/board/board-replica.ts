import { setTimeout as sleep } from 'node:timers/promises'
import { METRICS } from '#platform/contract/names'
import type { Logger } from '#platform/logger'
import { type Metrics, noTelemetry } from '#platform/telemetry'
import type { BoardDelta, BoardSource } from '../streams/ports.ts'
import type { AnswersBehind } from '../streams/visibility.ts'
import { type Board, createBoard } from './board.ts'
import { createTurnstile } from './waiters.ts'

/** Delta entries kept while a snapshot is under way; beyond that they are dropped, and another snapshot fills the hole. */
const MAX_BUFFERED_ENTRIES = 20_000

const RETRY_MIN_MS = 50
const RETRY_MAX_MS = 5_000

/** This edge's copy of a board, kept whole by versions: deltas move it on, a hole in them asks for a snapshot. */
export interface BoardReplica {
  /** Public version of the newest totals: epoch · 2^32 + version. Undefined before the first snapshot. */
  version(): number | undefined
  /** Asks for a snapshot, once however often it is called before that is under way; repairs whatever was missed. */
  resync(): void
  /** Resolves when a first snapshot is in (true) or the time is up (false). */
  ready(timeoutMs: number): Promise<boolean>
  /** Resolves when a snapshot that was asked for after this call is in (true) or the time is up (false). */
  fresh(timeoutMs: number): Promise<boolean>
  readonly board: Omit<Board, 'apply' | 'replace'>
  close(): void
}

export interface BoardReplicaOptions {
  readonly sessionId: string
  readonly source: BoardSource
  readonly logger: Logger
  /** The totals may have changed. */
  readonly onChange: () => void
  /** Answers have come with a delta that was applied, and may be seen from now on. */
  readonly onAnswers?: (answers: AnswersBehind) => void
  readonly metrics?: Metrics
}

export const createBoardReplica = (options: BoardReplicaOptions): BoardReplica => {
  const { sessionId, source, logger, onChange, onAnswers, metrics = noTelemetry().metrics } = options
  const gaps = metrics.counter(METRICS.boardGaps)
  const loaded = metrics.counter(METRICS.boardSnapshots, 'ok')
  const failed = metrics.counter(METRICS.boardSnapshots, 'failed')
  const board = createBoard()
  let at: { readonly epoch: number; readonly version: number } | undefined
  const snapshots = createTurnstile()
  let isLoading = false
  let isClosed = false
  let buffered: BoardDelta[] = []
  let bufferedEntries = 0

  /** Applies what fits; false when deltas are missing before this one. */
  const advance = (delta: BoardDelta): boolean => {
    if (at === undefined || delta.epoch > at.epoch) return false
    if (delta.epoch < at.epoch || delta.to < at.version) return true // old news
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
        snapshots.pass(ticket)
        onChange()
        if (gap === -1) {
          failures = 0
        } else {
          failures += 1 // not in a loop without pause, whatever the deltas say
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
    if (!isLoading && !isClosed) void load() // never rejects: its failures are logged and tried again
  }

  const unsubscribe = source.subscribe(sessionId, onDelta)
  resync()

  return {
    version: () => (at === undefined ? undefined : at.epoch * 2 ** 32 + at.version),
    resync,
    ready: (timeoutMs) => snapshots.passed(1, timeoutMs),
    fresh: (timeoutMs) => {
      const ticket = snapshots.want()
      start()
      return snapshots.passed(ticket, timeoutMs)
    },
    board,
    close: () => {
      isClosed = true
      unsubscribe()
      snapshots.close()
    },
  }
}

const backoffMs = (failures: number): number =>
  Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(failures, 10)) * (0.5 + Math.random() / 2)
