import fc from 'fast-check'
import t from 'tap'
import { LATE_ANNOUNCEMENT_MS } from '../../game/session/timing.ts'
import { createSimulatedService, HOST, SESSION_ID } from './support/simulated-service.ts'
import { MAX_IO_MS } from './support/simulation.ts'

const LIMIT_MS = 3_000
/** What requests to the stores take between the end of an outage and the message that tells of it. */
const TELLING_MS = 20 + MAX_IO_MS * 15

interface Outage {
  /** Or of the feed alone. */
  readonly isWhole: boolean
  readonly afterMs: number
  readonly lengthMs: number
}

/** Plays a session by its timers alone, with outages of streams; returns which questions did not get their time. */
const play = async (seed: number, outages: readonly Outage[]): Promise<readonly string[]> => {
  const service = await createSimulatedService(seed, 3, {
    ...{ advance: 'auto', startDelaySeconds: 0, revealSeconds: 1, timeLimitSeconds: LIMIT_MS / 1_000 },
    ...{ access: 'guests', closeWhenAllAnswered: false },
  })
  const { simulation, session, outage } = service
  const { clock } = simulation
  const { control } = service.anyCopy().useCases
  simulation.at(
    clock.now(),
    () => void control({ actor: HOST, sessionId: SESSION_ID, command: 'start', epoch: undefined }),
  )
  let at = clock.now()
  for (const { afterMs, lengthMs, isWhole } of outages) {
    at += afterMs
    simulation.at(at, () => void service.cutOff(lengthMs, isWhole))
    at += lengthMs + 500
  }

  /** By question: time in which it was known to the edges, open, and answers could be stored. */
  const answerableMs = [0, 0, 0]
  let last = { now: clock.now(), state: session().state, heard: 0, outage: { ...outage } }
  await simulation.run(at + 30_000, () => {
    const { phase, phaseEpoch } = last.state
    const now = clock.now()
    if (phase.status === 'question_open' && last.heard >= phaseEpoch) {
      const [from, until] = [Math.max(last.now, phase.opensAt), Math.min(now, phase.closesAt)]
      const silentUntil = last.outage.isWhole ? last.outage.until : 0
      const silent = Math.min(until, silentUntil) - Math.max(from, last.outage.from)
      answerableMs[phase.index] = (answerableMs[phase.index] ?? 0) + Math.max(0, until - from) - Math.max(0, silent)
    }
    last = { now, state: session().state, heard: service.heardEpoch(), outage: { ...outage } }
  })
  const { status } = session().state.phase
  return [
    ...(status === 'finished' ? [] : [`the session is ${status}`]),
    ...answerableMs.flatMap((ms, index) =>
      ms >= LIMIT_MS - LATE_ANNOUNCEMENT_MS - outages.length * TELLING_MS
        ? []
        : [`question ${index} could be answered for ${ms} ms`],
    ),
    ...service.failures.map((failure) => String((failure as Error).stack)),
  ]
}

t.test(
  'whenever nothing is stored for a while, every question can be answered for its whole time',
  { timeout: 120_000 },
  () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.array(
          fc.record({
            isWhole: fc.boolean(),
            afterMs: fc.integer({ min: 0, max: 6_000 }),
            lengthMs: fc.integer({ min: 1_000, max: 7_000 }),
          }),
          { minLength: 1, maxLength: 3 },
        ),
        async (seed, outages) => {
          const faults = await play(seed, outages)
          if (faults.length > 0) throw new Error(faults.slice(0, 4).join('\n'))
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 40) },
    ),
)
