import fc from 'fast-check'
import t from 'tap'
import { PodiumError } from '#platform/errors'
import { dueAt } from '../../game/session/phase.ts'
import { CLOSE_GRACE_MS } from '../../game/session/timing.ts'
import { createSimulatedService, HOST, SESSION_ID } from './support/simulated-service.ts'
import { MAX_IO_MS } from './support/simulation.ts'

type Step = {
  readonly afterMs: number
  /** Waits until the present deadline of the session, and this much longer or shorter. */
  readonly afterDeadlineMs?: number | undefined
} & (
  | { readonly kind: 'host'; readonly command: string }
  | { readonly kind: 'answer' | 'leave' | 'remove'; readonly player: number }
  | { readonly kind: 'join' | 'crash' }
)

interface Scenario {
  readonly seed: number
  readonly steps: readonly Step[]
  readonly settings: Parameters<typeof createSimulatedService>[2]
}

const when = {
  afterMs: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 1_500 })),
  afterDeadlineMs: fc.option(fc.integer({ min: -30, max: 200 }), { nil: undefined, freq: 2 }),
}
const COMMANDS = ['start', 'next', 'next', 'close', 'close', 'pause', 'resume', 'resume', 'lock', 'unlock', 'end']
const host = fc.record({ ...when, kind: fc.constant('host' as const), command: fc.constantFrom(...COMMANDS) })
const player = fc.record({
  ...when,
  kind: fc.constantFrom(...(['answer', 'answer', 'answer', 'leave', 'remove'] as const)),
  player: fc.nat(3),
})
const join = fc.record({ ...when, kind: fc.constant('join' as const) })
const crash = fc.record({ ...when, kind: fc.constant('crash' as const) })

/** Both players answer about when the host pauses, so that the last answer is scored before, during or after the pause. */
const pausedAnswers = fc.tuple(fc.nat(700), fc.nat(400), fc.nat(900)).map(([answered, paused, resumed]): Step[] => [
  { kind: 'answer', player: 0, afterMs: answered },
  { kind: 'answer', player: 1, afterMs: 10 },
  { kind: 'host', command: 'pause', afterMs: paused },
  { kind: 'host', command: 'resume', afterMs: resumed },
])

const scenario = (crashes: number): fc.Arbitrary<Scenario> =>
  fc.record({
    seed: fc.integer(),
    steps: fc
      .array(
        fc.oneof(
          { weight: 6, arbitrary: host.map((step) => [step]) },
          { weight: 8, arbitrary: player.map((step) => [step]) },
          { weight: 3, arbitrary: join.map((step) => [step]) },
          { weight: 1, arbitrary: pausedAnswers },
          { weight: crashes, arbitrary: crash.map((step) => [step]) },
        ),
        { minLength: 4, maxLength: 24 },
      )
      .map((steps): readonly Step[] => steps.flat()),
    settings: fc.record({
      advance: fc.constantFrom('auto' as const, 'manual' as const),
      closeWhenAllAnswered: fc.boolean(),
      timeLimitSeconds: fc.constantFrom(1, 2),
      startDelaySeconds: fc.constant(0),
      revealSeconds: fc.constantFrom(0, 1),
      access: fc.constant('guests' as const),
    }),
  })

/** A dozen requests one after the other, and as many waits for the lock of the session. */
const PROMPT_MS = MAX_IO_MS * 30
/** How long an answer of the simulation takes into the ledger. */
const SCORING_MS = 600
/** After a crash, another copy finishes a close within this time. */
const RECOVERY_MS = 3_500

/** Plays a scenario and returns what was wrong. */
const play = async ({ seed, steps, settings }: Scenario): Promise<readonly string[]> => {
  const service = await createSimulatedService(seed, 3, settings)
  const { simulation, session } = service
  const { clock } = simulation
  const hasCrashes = steps.some(({ kind }) => kind === 'crash')
  const faults: string[] = []
  const players: string[] = []

  const control = async (command: string): Promise<void> => {
    const { useCases } = service.anyCopy()
    const { session: after, refused } = await useCases.control({
      actor: HOST,
      sessionId: SESSION_ID,
      command,
      epoch: undefined,
    })
    const { status } = after.state.phase
    if (refused) return
    if (['close', 'end'].includes(command) && status.startsWith('question_') && status !== 'question_closed')
      faults.push(`${command} resolved while ${status}`)
    if (command === 'next' && status === 'question_closing') faults.push(`next resolved while ${status}`)
  }

  const perform = async (step: Step): Promise<void> => {
    const due = dueAt(session().state)
    if (step.afterDeadlineMs !== undefined && due !== undefined) {
      await simulation.sleep(due + step.afterDeadlineMs - clock.now())
    }
    const { useCases } = service.anyCopy()
    const playerId = 'player' in step ? players[step.player] : undefined
    switch (step.kind) {
      case 'host':
        return control(step.command)
      case 'join': {
        const request = {
          actor: undefined,
          session: SESSION_ID,
          nickname: undefined,
          resume: false,
          origin: '',
          player: undefined,
          idempotencyKey: undefined,
        }
        players.push((await useCases.join(request)).playerId)
        return
      }
      case 'answer':
        if (playerId !== undefined) await service.answer(playerId)
        return
      case 'leave':
        if (playerId !== undefined) await useCases.leave({ player: { sessionId: SESSION_ID, playerId, generation: 1 } })
        return
      case 'remove':
        if (playerId !== undefined)
          await useCases.removePlayers({ actor: HOST, sessionId: SESSION_ID, playerIds: [playerId] })
        return
      case 'crash':
        return service.crash()
      default:
        return step satisfies never
    }
  }

  let at = clock.now()
  const add = (step: Step): void => {
    at += step.afterMs
    simulation.at(at, () => {
      perform(step).catch((error: unknown) => {
        if (!(error instanceof PodiumError)) faults.push(String((error as Error).stack))
      })
    })
  }
  for (const step of [
    { kind: 'join', afterMs: 0 },
    { kind: 'join', afterMs: 0 },
    { kind: 'host', command: 'start', afterMs: 100 },
    ...steps,
  ] as const)
    add(step)

  let completeSince: number | undefined
  await simulation.run(at + 12_000, () => {
    const { state, settings } = session()
    const { phase } = state
    const joined = service.joinedPlayers()
    const isComplete =
      settings.closeWhenAllAnswered &&
      phase.status === 'question_open' &&
      clock.now() < phase.closesAt &&
      joined.length > 0 &&
      joined.every(({ playerId }) => service.hasAnswered(playerId, phase.index))
    completeSince = isComplete ? (completeSince ?? clock.now()) : undefined
    if (hasCrashes || completeSince === undefined || clock.now() - completeSince <= PROMPT_MS) return
    faults.push(`every player had answered at ${completeSince}, and the question is open at ${clock.now()}`)
    completeSince = Number.POSITIVE_INFINITY
  })

  const feed = service.feed()
  if (feed.some(({ epoch }, place) => epoch !== place + 1))
    faults.push(`feed in order ${feed.map(({ epoch }) => epoch)}`)
  for (const [place, { atMs, event, state }] of feed.entries()) {
    if (event?.event.case !== 'questionClosing') continue
    const reveal = feed.slice(place + 1).find((later) => later.event?.event.case === 'questionClosed')
    if (reveal === undefined) faults.push(`the question that closed at ${atMs} is never revealed`)
    const lateMs = (reveal?.atMs ?? 0) - Math.max(atMs, state?.question?.closesAtMs ?? 0) - CLOSE_GRACE_MS
    const limitMs = hasCrashes ? RECOVERY_MS : SCORING_MS + PROMPT_MS
    if (lateMs > limitMs) faults.push(`the reveal came ${lateMs} ms after the last answer`)
  }
  return [...faults, ...service.failures.map((failure) => String((failure as Error).stack))]
}

const holds = (arbitrary: fc.Arbitrary<Scenario>): Promise<void> =>
  fc.assert(
    fc.asyncProperty(arbitrary, async (drawn) => {
      const faults = await play(drawn)
      if (faults.length > 0) throw new Error(faults.slice(0, 4).join('\n'))
    }),
    { numRuns: Number(process.env.RUNS ?? 200) },
  )

t.test('commands, players, timers and redeliveries in any order: every close has its reveal, at once', () =>
  holds(scenario(0)),
)

t.test('the same with processes that crash anywhere: every close is finished by another process', () =>
  holds(scenario(1)),
)
