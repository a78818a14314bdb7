import type { Clock } from '#platform/clock'
import { partitionOf } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import type { Logger } from '#platform/logger'
import type { Publisher } from '#platform/publisher'

/** What this copy of the service knows of the streams that answers are stored in. */
export interface AnswerStreams {
  /** A question of the session is open until `until`: an outage of its stream is noticed from now on. */
  watch(sessionId: string, until: number): void
  /** Whether a message is stored promptly now, with nothing left to give back for an outage. Never rejects. */
  takes(sessionId: string): Promise<boolean>
  /** Called for each watched session when its stream stores messages again; it had stored none since `from`. */
  onOutageOver(listener: (sessionId: string, from: number) => Promise<unknown>): void
}

const TICK_MS = 100
/** A message each half second while a question is open. */
const BEAT_TICKS = 5
/** Ticks without a PubAck that make an outage: what is shorter may as well be a busy machine. */
const SILENT_TICKS = 10
/** Ticks after which it is not certain that the stream takes what is published. */
const DOUBTFUL_TICKS = 3
/** Sessions that are extended at once. */
const WIDTH = 16
const NOTHING = new Uint8Array()

/** `every` calls a function again and again, until its result is called. */
type Every = (ms: number, tick: () => void) => () => void

const everyInterval: Every = (ms, tick) => {
  const timer = setInterval(tick, ms).unref()
  return () => clearInterval(timer)
}

/**
 * Stores a barrier in the stream of every partition that has an open question, twice a second, and measures how long none is
 * stored. Ticks are counted rather than time, so that a process which stood still itself sees no outage. `publisher` should
 * give up early, since the next message tells more.
 */
export const createAnswerStreams = ({
  publisher,
  partitions,
  clock,
  logger,
  every = everyInterval,
}: {
  readonly publisher: Publisher
  readonly partitions: number
  readonly clock: Clock
  readonly logger: Logger
  readonly every?: Every
}): AnswerStreams => {
  let listener: (sessionId: string, from: number) => Promise<unknown> = async () => undefined
  /** Sessions to which an outage is being given back, or will be next. */
  const extending = new Map<string, number>()
  const waiting: string[] = []
  let workers = 0

  const work = async (): Promise<void> => {
    workers += 1
    for (let sessionId = waiting.shift(); sessionId !== undefined; sessionId = waiting.shift()) {
      try {
        await listener(sessionId, extending.get(sessionId) ?? clock.now())
      } catch (err) {
        logger.warn({ err, sessionId }, 'an outage was not given back')
      }
      extending.delete(sessionId)
    }
    workers -= 1
  }

  const extend = (sessionIds: Iterable<string>, from: number): void => {
    for (const sessionId of sessionIds) {
      if (!extending.has(sessionId)) waiting.push(sessionId)
      extending.set(sessionId, Math.min(from, extending.get(sessionId) ?? from))
    }
    while (workers < Math.min(WIDTH, waiting.length)) void work()
  }

  const createLane = (partition: number) => {
    const watched = new Map<string, number>()
    let stop: (() => void) | undefined
    let state: 'idle' | 'waiting' | 'refused' = 'idle'
    let idleTicks = 0
    /** Ticks since then in which a message waited for its PubAck, or was refused. */
    let quietTicks = 0
    /** Monotonic time of the last PubAck. */
    let storedAt = 0
    let probing: Promise<boolean> | undefined

    const publish = () => publisher.publish(subjects.barrier(partition), NOTHING)

    const onStored = (): void => {
      const silentMs = clock.monotonic() - storedAt
      const isOver = quietTicks >= SILENT_TICKS
      state = 'idle'
      storedAt = clock.monotonic()
      idleTicks = 0
      quietTicks = 0
      if (!isOver) return
      logger.warn({ partition, silentMs: Math.round(silentMs), sessions: watched.size }, 'answers are stored again')
      extend(watched.keys(), Math.round(clock.now() - silentMs))
    }

    const beat = (): void => {
      state = 'waiting'
      publish().then(onStored, () => {
        state = 'refused'
      })
    }

    const forgetClosed = (): void => {
      const now = clock.now()
      for (const [sessionId, until] of watched) if (until < now) watched.delete(sessionId)
      if (watched.size > 0) return
      stop?.()
      stop = undefined
    }

    const tick = (): void => {
      if (state === 'idle') {
        idleTicks += 1
        if (idleTicks < BEAT_TICKS) return
        forgetClosed()
        if (stop !== undefined) beat()
        return
      }
      quietTicks += 1
      if (state === 'refused') beat()
    }

    return {
      watch: (sessionId: string, until: number): void => {
        watched.set(sessionId, until)
        if (stop !== undefined) return
        stop = every(TICK_MS, tick)
        storedAt = clock.monotonic()
        quietTicks = 0
        beat()
      },
      takes: (): Promise<boolean> => {
        if (quietTicks >= DOUBTFUL_TICKS) return Promise.resolve(false)
        probing ??= publish()
          .then(
            () => true,
            () => false,
          )
          .finally(() => {
            probing = undefined
          })
        return probing
      },
    }
  }

  const lanes = Array.from({ length: partitions }, (_, partition) => createLane(partition))
  const laneOf = (sessionId: string) => lanes[partitionOf(sessionId, partitions)]

  return {
    watch: (sessionId, until) => laneOf(sessionId)?.watch(sessionId, until),
    takes: async (sessionId) =>
      !extending.has(sessionId) && (await laneOf(sessionId)?.takes()) === true && !extending.has(sessionId),
    onOutageOver: (each) => {
      listener = each
    },
  }
}
