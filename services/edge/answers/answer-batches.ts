import type { Answer } from '#gen/answer_pb'
import { encodeAnswers } from '#platform/contract/codec/answer'
import type { Fields } from '#platform/contract/codec/wire'
import { partitionOf } from '#platform/contract/streams'
import { subjects } from '#platform/contract/subjects'
import { PodiumError } from '#platform/errors'
import type { Publisher } from '#platform/publisher'
import type { Span, Tracing } from '#platform/telemetry'

/** One player's answer to one question, as this edge knows it. */
export interface OwnAnswer extends Fields<Answer> {
  /**
   * `pending`: published, or about to be. `accepted`: stored. `unknown`: published, and there was no word whether it is
   * stored; it may be at any later time.
   */
  state: 'pending' | 'accepted' | 'unknown'
  /** While it is pending; all answers of a batch have the same. */
  stored: Promise<void> | undefined
}

/** A question that answers are published for; always the same object for the same question. */
export interface AnsweredQuestion {
  readonly sessionId: string
  readonly questionId: string
  readonly questionIndex: number
}

/** Bounds of one message. */
const MAX_ANSWERS = 500
const MAX_BYTES = 256 * 1024
/** Of an answer without its texts. */
const FIXED_BYTES = 180
/** Messages of a partition without a PubAck at which further answers wait, so that the next message is larger. */
const MAX_IN_FLIGHT = 16
/** Answers without a PubAck at which further ones are refused. */
const MAX_UNANSWERED = 10_000
/** Least time between two messages while answers keep coming; the first one after a pause goes at once. */
const PACE_MS = 1

export type AnswerBatches = ReturnType<typeof createAnswerBatches>

/**
 * Publishes answers: what comes within a millisecond is one message to a partition of ANSWERS, and its PubAck is that of all.
 * `publisher` should write at once, since the pace is kept here.
 */
export const createAnswerBatches = ({
  publisher,
  partitions,
  tracing,
  maxUnanswered = MAX_UNANSWERED,
  maxAnswers = MAX_ANSWERS,
}: {
  readonly publisher: Publisher
  readonly partitions: number
  readonly tracing: Tracing
  readonly maxUnanswered?: number
  readonly maxAnswers?: number
}) => {
  let unanswered = 0

  const createLane = (partition: number) => {
    const subject = subjects.answers(partition)
    /** Those before the last one are full. */
    let waiting: Batch[] = []
    let inFlight = 0
    let isScheduled = false
    let sentAt = Number.NEGATIVE_INFINITY

    const schedule = (): void => {
      if (isScheduled || waiting.length === 0 || inFlight >= MAX_IN_FLIGHT) return
      isScheduled = true
      if (performance.now() - sentAt >= PACE_MS) setImmediate(flush)
      else setTimeout(flush, PACE_MS)
    }

    const flush = (): void => {
      isScheduled = false
      sentAt = performance.now()
      const room = MAX_IN_FLIGHT - inFlight
      const due = waiting.slice(0, room)
      waiting = waiting.slice(room)
      for (const batch of due) send(batch)
    }

    const send = (batch: Batch): void => {
      inFlight += 1
      const over = (state: 'accepted' | 'unknown'): void => {
        inFlight -= 1
        unanswered -= batch.answers.length
        for (const answer of batch.answers) {
          answer.state = state
          answer.stored = undefined
        }
        schedule()
      }
      publisher.publish(subject, encodeAnswers([...batch.questions.values()]), tracing.join(batch.spans)).then(
        () => {
          over('accepted')
          batch.resolve()
        },
        (err) => {
          // Whatever the reason: only what is stored later in the same stream tells.
          over('unknown')
          batch.reject(err)
        },
      )
    }

    return (question: AnsweredQuestion, answer: OwnAnswer, span: Span | undefined): Promise<void> => {
      let batch = waiting.at(-1)
      if (batch === undefined || batch.answers.length >= maxAnswers || batch.bytes >= MAX_BYTES) {
        batch = createBatch()
        waiting.push(batch)
      }
      const group = batch.questions.get(question)
      if (group === undefined) batch.questions.set(question, { ...question, answers: [answer] })
      else group.answers.push(answer)
      batch.answers.push(answer)
      batch.bytes += FIXED_BYTES + answer.answerId.length + 3 * (answer.text?.length ?? 0)
      if (span !== undefined) batch.spans.push(span)
      schedule()
      return batch.stored
    }
  }

  const lanes = Array.from({ length: partitions }, (_, partition) => createLane(partition))

  return {
    /**
     * Resolves when the answer is stored; its state has changed by then.
     * @throws PodiumError `unavailable`: at once when too many wait, the state is what it was then; otherwise it is unknown
     */
    append: (question: AnsweredQuestion, answer: OwnAnswer, span?: Span): Promise<void> => {
      const lane = lanes[partitionOf(question.sessionId, partitions)]
      if (lane === undefined || unanswered >= maxUnanswered) {
        return Promise.reject(new PodiumError('unavailable', { cause: new Error('too many answers wait') }))
      }
      unanswered += 1
      answer.state = 'pending'
      answer.stored = lane(question, answer, span)
      return answer.stored
    },
  }
}

interface Batch {
  readonly questions: Map<AnsweredQuestion, AnsweredQuestion & { readonly answers: OwnAnswer[] }>
  readonly answers: OwnAnswer[]
  readonly spans: Span[]
  bytes: number
  readonly stored: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

const createBatch = (): Batch => {
  const { promise: stored, resolve, reject } = Promise.withResolvers<void>()
  stored.catch(() => undefined) // every answer has a request that waits for it
  return { questions: new Map(), answers: [], spans: [], bytes: 0, stored, resolve, reject }
}
