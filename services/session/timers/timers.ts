import { fromBinary } from '@bufbuild/protobuf'
import { type Timer, TimerSchema } from '#gen/timer_pb'
import type { Clock } from '#platform/clock'
import { ACK, type BatchHandler, type Delivery, reject, type Verdict } from '#platform/consumer'
import { METRICS, SESSION_ID, SPANS } from '#platform/contract/names'
import { sessionIdOf } from '#platform/contract/subjects'
import type { Telemetry } from '#platform/telemetry'
import type { Background } from '../background.ts'
import type { Closing } from '../closing/close-question.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Move } from '../sessions/move.ts'
import type { SessionStore } from '../sessions/session.ts'

/**
 * The deadline of the phase that began with `phaseEpoch` has come, or is said to have. Does what is due, once, however often and by
 * however many copies it is called; a deadline of an earlier phase does nothing. Nothing is done
 * while what the session said before is not in its feed: a game that cannot be heard does not go on. Returns the time to come back
 * when it is too early.
 */
export type OnTimer = (sessionId: string, phaseEpoch: number) => Promise<number | undefined>

export const createOnTimer =
  ({
    move,
    closing,
    outbox,
  }: {
    readonly move: Move
    readonly closing: Pick<Closing, 'close'>
    readonly outbox: Pick<Outbox, 'flush'>
  }): OnTimer =>
  async (sessionId, phaseEpoch) => {
    if (!(await outbox.flush(sessionId))) return undefined
    const moved = await move(sessionId, { type: 'timer', epoch: phaseEpoch })
    if (moved?.outcome.type === 'early') return moved.outcome.dueAt
    if (moved?.outcome.type === 'reveal-first') await closing.close(moved.session)
    return undefined
  }

/** A timer that is being handled comes back after this time, longer than any reveal takes, to see whether that was done. */
const CHECK_AGAIN_MS = 2_000

/** Deadlines that passed longer ago than this without anything happening have lost their timer. */
const OVERDUE_MS = 300
const OVERDUE_SESSIONS = 200

/**
 * Timers are messages that come back until they are due. What is due is done in the background, so that a reveal which
 * waits for its answers delays no other timer; the message is settled when it comes back and the session has moved on.
 */
export const createTimers = (deps: {
  readonly sessions: Pick<SessionStore, 'phaseEpochs' | 'due'>
  readonly onTimer: OnTimer
  readonly background: Background
  readonly clock: Clock
  readonly telemetry: Telemetry
}) => {
  const { sessions, onTimer, background, clock, telemetry } = deps
  const { tracing, metrics } = telemetry
  const lateness = metrics.histogram(METRICS.timerLateness)
  const underWay = new Set<string>()

  const fire = (sessionId: string, phaseEpoch: number, lateMs?: number): void => {
    const key = `${sessionId}:${phaseEpoch}`
    if (underWay.has(key)) return
    underWay.add(key)
    const span = tracing.begin('', SPANS.timer, { attributes: { [SESSION_ID]: sessionId } })
    if (lateMs !== undefined) lateness.record(Math.max(0, lateMs) / 1_000, 1, span?.traceId)
    const firing = tracing.run(span, () => onTimer(sessionId, phaseEpoch))
    background(
      firing
        .catch((err: unknown) => {
          span?.fail(err)
          throw err
        })
        .finally(() => {
          span?.end()
          underWay.delete(key)
        }),
    )
  }

  const verdictOf = (timer: Timer | string, current: ReadonlyMap<string, number>, now: number): Verdict => {
    if (typeof timer === 'string') return reject(timer)
    const { sessionId, epoch, dueAtMs } = timer
    if (dueAtMs > now) return { kind: 'retry', delayMs: Math.ceil(dueAtMs - now) }
    const phaseEpoch = current.get(sessionId)
    if (phaseEpoch === undefined) return reject('unknown-session')
    if (phaseEpoch !== epoch) return ACK
    fire(sessionId, epoch, now - dueAtMs)
    return { kind: 'retry', delayMs: CHECK_AGAIN_MS }
  }

  const handle: BatchHandler = async (batch) => {
    const timers = batch.map(decode)
    const now = clock.now()
    const due = timers.flatMap((timer) => (typeof timer !== 'string' && timer.dueAtMs <= now ? [timer.sessionId] : []))
    const current = due.length === 0 ? new Map<string, number>() : await sessions.phaseEpochs([...new Set(due)])
    return timers.map((timer) => verdictOf(timer, current, now))
  }

  /** Fires deadlines whose timer is late or lost. */
  const sweep = async (): Promise<void> => {
    for (const { sessionId, phaseEpoch } of await sessions.due(clock.now() - OVERDUE_MS, OVERDUE_SESSIONS)) {
      fire(sessionId, phaseEpoch)
    }
  }

  return { handle, sweep }
}

/** The timer, or why it can never be one. */
const decode = ({ subject, payload }: Delivery): Timer | string => {
  try {
    const timer = fromBinary(TimerSchema, payload)
    return timer.sessionId === sessionIdOf(subject) ? timer : 'subject-mismatch'
  } catch {
    return 'undecodable'
  }
}
