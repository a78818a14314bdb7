import type { NatsConnection } from '@nats-io/transport-node'
import type { QuestionProgress } from '#gen/score_pb'
import { decodeProgress } from '#platform/contract/codec/score'
import { queues } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import type { Lifecycle } from '#platform/lifecycle'
import type { Logger } from '#platform/logger'
import type { Background } from '../background.ts'
import type { SessionStore } from '../sessions/session.ts'
import type { Closing } from './close-question.ts'

/** Scored answers to one question so far, as the scorer reports with every batch. */
export interface Progress {
  readonly questionIndex: number
  readonly answerCount: number
}

/** Takes the progress of one session; resolves when it has been dealt with. */
export type OnProgress = (sessionId: string, progress: readonly Progress[]) => Promise<void>

/**
 * Closes questions that every player has answered. The number of players is read after the progress was reported: with an
 * older one, a question whose last unanswered player has just left would wait for its limit. One statement reads all
 * sessions that reported since the last one, so it costs the same however many play.
 */
export const createOnProgress = ({
  sessions,
  closing,
}: {
  readonly sessions: Pick<SessionStore, 'watchedQuestions'>
  readonly closing: Pick<Closing, 'closeWhenAllAnswered'>
}): OnProgress => {
  /** Latest progress of the sessions that the next read is about. */
  let reported = new Map<string, Progress>()
  let next: Promise<readonly string[]> | undefined
  let reading: Promise<unknown> = Promise.resolve()
  /** Sessions whose question is being closed, or looked at. */
  const looking = new Map<string, Promise<void>>()

  /** Sessions of which as many answers as players are scored. */
  const readReported = async (): Promise<readonly string[]> => {
    await reading
    const batch = reported
    reported = new Map()
    next = undefined
    const read = sessions.watchedQuestions([...batch.keys()])
    reading = read.catch(() => undefined)
    return (await read).flatMap(({ sessionId, index, playerCount }) => {
      const progress = batch.get(sessionId)
      return progress?.questionIndex === index && progress.answerCount >= playerCount ? [sessionId] : []
    })
  }

  return async (sessionId, progress) => {
    // Answers of several questions are scored together only after an outage; the last question is the one that may be open.
    const latest = progress.toSorted((a, b) => b.questionIndex - a.questionIndex)[0]
    if (latest === undefined) return
    reported.set(sessionId, latest)
    next ??= readReported()
    if (!(await next).includes(sessionId)) return
    // A look that is under way may have read the ledger before this progress was in it.
    await looking.get(sessionId)
    const look =
      looking.get(sessionId) ??
      closing.closeWhenAllAnswered(sessionId, latest.questionIndex).finally(() => looking.delete(sessionId))
    looking.set(sessionId, look)
    await look
  }
}

/**
 * Hears how many answers are scored, as it happens. Core NATS: what is missed only means that a question closes when its
 * time is up rather than when every player has answered.
 */
export const listenToProgress = (options: {
  readonly nc: NatsConnection
  readonly onProgress: OnProgress
  readonly background: Background
  readonly lifecycle: Lifecycle
  readonly logger: Logger
}): void => {
  const { nc, onProgress, background, lifecycle, logger } = options
  const subscription = nc.subscribe(subjects.progress, {
    queue: queues.session,
    callback: (err, message) => {
      if (err !== null) {
        logger.error({ err }, 'progress subscription failed')
        return
      }
      const bySession = Map.groupBy(decode(message.data, logger), ({ sessionId }) => sessionId)
      for (const [sessionId, progress] of bySession) background(onProgress(sessionId, progress))
    },
  })
  lifecycle.onStop('progress listener', () => subscription.drain())
}

const decode = (payload: Uint8Array, logger: Logger): readonly QuestionProgress[] => {
  try {
    return decodeProgress(payload)
  } catch (err) {
    logger.error({ err }, 'progress not understood')
    return []
  }
}
