import { METRICS } from '#platform/contract/names'
import type { Metrics } from '#platform/telemetry'
import type { Sessions } from '../ports.ts'

/** The same sessions; what they commit is counted by kind of event. */
export const withTransitionCounts = (sessions: Sessions, metrics: Metrics): Sessions => ({
  ...sessions,
  create: async (session) => {
    const isCreated = await sessions.create(session)
    if (isCreated) metrics.counter(METRICS.transitions, 'created').add()
    return isCreated
  },
  locked: async (sessionId, step) => {
    const types: string[] = []
    const result = await sessions.locked(sessionId, (locked) =>
      step({
        ...locked,
        record: async (transitions, now) => {
          await locked.record(transitions, now)
          for (const { event } of transitions) types.push(event.type)
        },
      }),
    )
    for (const type of types) metrics.counter(METRICS.transitions, type).add()
    return result
  },
})
