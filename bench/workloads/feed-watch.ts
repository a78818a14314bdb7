import { fromBinary } from '@bufbuild/protobuf'
import { connect } from '@nats-io/transport-node'
import { type FeedMessage, FeedMessageSchema } from '#gen/feed_pb'
import { wildcards } from '#platform/contract/subjects'
import { natsOptions } from '#platform/nats'

/** Time that a session leaves after the limit for answers on their way, as `session` has it. */
const CLOSE_GRACE_MS = 150

export interface FeedWatch {
  /** How much later than planned each question opened that opened by a timer, ms. */
  openLateness(): number[]
  /** How much later than time limit and grace each question closed that closed by its timer, ms. */
  closeLateness(): number[]
  /** Transitions seen so far. */
  transitions(): number
  close(): Promise<void>
}

/** Follows the feeds of all sessions and compares when things happened with when they were due. */
export const watchFeeds = async (natsUrl: string): Promise<FeedWatch> => {
  const nc = await connect(natsOptions(natsUrl, 'admin'))
  const last = new Map<string, FeedMessage>()
  const opened: number[] = []
  const closed: number[] = []
  let transitions = 0
  nc.subscribe(wildcards.liveFeed, {
    callback: (err, { data }) => {
      if (err !== null) return
      const message = fromBinary(FeedMessageSchema, data)
      transitions += 1
      const before = last.get(message.sessionId)?.state
      last.set(message.sessionId, message)
      const event = message.event?.event.case
      const opensAt = message.state?.question?.opensAtMs
      if (event === 'questionOpened' && opensAt !== undefined && before?.nextAtMs !== undefined) {
        opened.push(opensAt - before.nextAtMs)
      }
      if (event === 'questionClosed' && before?.question !== undefined) {
        closed.push(message.atMs - before.question.closesAtMs - CLOSE_GRACE_MS)
      }
    },
  })
  await nc.flush()
  return {
    openLateness: () => opened,
    closeLateness: () => closed,
    transitions: () => transitions,
    close: () => nc.close(),
  }
}
