import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { decide, initialState } from '../../session/decide.ts'
import { evolve } from '../../session/evolve.ts'
import { currentQuestion, dueAt, isOver } from '../../session/phase.ts'
import type { SessionCommand, SessionEvent, SessionState, Tally } from '../../session/state.ts'

const tally: Tally = { answerCount: 0, optionCounts: [], textCounts: [] }

/** By which all outages of a question may move its end. */
const AT_MOST_MS = 30_000

/** What may come at a session, at any time and in any order. Epochs and timers are chosen from all there ever were. */
type Step = { readonly waitMs: number } & (
  | { readonly kind: 'host'; readonly command: SessionCommand }
  | { readonly kind: 'timer' | 'reveal' | 'announced'; readonly epochBack: number }
  | { readonly kind: 'outage'; readonly lengthMs: number }
  | { readonly kind: 'due' }
)

const hostCommands: readonly SessionCommand[] = [
  { type: 'start' },
  { type: 'next' },
  { type: 'close' },
  { type: 'lock' },
  { type: 'unlock' },
  { type: 'end' },
  { type: 'cancel' },
  { type: 'auto-start' },
  { type: 'pause', reason: 'host' },
  { type: 'pause', reason: 'operator' },
  { type: 'resume', reason: 'host' },
  { type: 'resume', reason: 'operator' },
  { type: 'remove-players', playerIds: ['p1'] },
  { type: 'remove-players', playerIds: ['p1', 'p2'] },
  { type: 'all-answered', index: 0 },
  { type: 'all-answered', index: 1 },
]

const waitMs = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 400 }), fc.integer({ min: 400, max: 30_000 }))
const step: fc.Arbitrary<Step> = fc.oneof(
  // Rare, or hardly any session would get far.
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('host' as const), waitMs, command: fc.constantFrom(...hostCommands) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('timer' as const, 'reveal' as const, 'announced' as const),
      waitMs,
      epochBack: fc.integer({ min: 0, max: 4 }),
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('due' as const), waitMs }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('outage' as const), waitMs, lengthMs: fc.nat(40_000) }) },
)

const setup = fc.record({
  limits: fc.array(fc.integer({ min: 1_000, max: 20_000 }), { minLength: 1, maxLength: 5 }),
  rules: fc.record({
    advance: fc.constantFrom('auto' as const, 'manual' as const),
    startDelaySeconds: fc.double({ min: 0, max: 5, noNaN: true }),
    revealSeconds: fc.double({ min: 0, max: 5, noNaN: true }),
    closeWhenAllAnswered: fc.boolean(),
  }),
  steps: fc.array(step, { maxLength: 60 }),
})

/** The order in which the phases of one question, and the questions, can come. */
const progressOf = ({ phase, timeLimitsMs }: SessionState): number => {
  const held = phase.status === 'paused' ? phase.held : phase
  switch (held.status) {
    case 'lobby':
      return 0
    case 'starting':
      return 1
    case 'question_open':
      return 2 + 3 * ('index' in held ? held.index : held.question.index)
    case 'question_closing':
      return 3 + 3 * held.index
    case 'question_closed':
      return 4 + 3 * held.index
    default:
      return 2 + 3 * timeLimitsMs.length
  }
}

const play = ({ limits, rules, steps }: typeof setup extends fc.Arbitrary<infer T> ? T : never) => {
  let state = initialState(limits)
  let now = 1_700_000_000_000
  const states = [state]
  const events: SessionEvent[] = []
  const phaseEpochs = [state.phaseEpoch]

  const apply = (command: SessionCommand): void => {
    const outcome = decide(state, command, rules, now)
    if (outcome.type !== 'accepted') return
    for (const event of outcome.events) {
      state = evolve(state, event)
      states.push(state)
      events.push(event)
      if (state.phaseEpoch !== phaseEpochs.at(-1)) phaseEpochs.push(state.phaseEpoch)
    }
  }

  for (const next of steps) {
    now += next.waitMs
    if (next.kind === 'host') apply(next.command)
    else if (next.kind === 'outage') apply({ type: 'outage-over', from: now - next.lengthMs, atMostMs: AT_MOST_MS })
    else if (next.kind === 'due') {
      now = Math.max(now, dueAt(state) ?? now)
      apply({ type: 'timer', epoch: state.phaseEpoch })
      apply({ type: 'reveal', epoch: state.phaseEpoch, tally })
    } else {
      const epoch = phaseEpochs.at(-1 - next.epochBack) ?? 1
      const before = state
      apply(next.kind === 'reveal' ? { type: 'reveal', epoch, tally } : { type: next.kind, epoch })
      if (epoch !== before.phaseEpoch && state !== before) throw new Error(`a stale ${next.kind} had an effect`)
    }
  }
  return { states, events, state }
}

const opensOf = (events: readonly SessionEvent[]) =>
  events.flatMap((event) => (event.type === 'question_opened' ? [event.index] : []))

t.test('whatever comes in whatever order, a session', async (t) => {
  const check = (name: string, holds: (game: ReturnType<typeof play>) => void) =>
    t.test(name, async () => {
      fc.assert(
        fc.property(setup, (given) => holds(play(given))),
        { numRuns: 1_000 },
      )
    })

  await check('opens every question once at the most, in order', ({ events }) => {
    const opens = opensOf(events)
    if (!opens.every((index, place) => index === place)) throw new Error(`opened ${opens}`)
  })

  await check('reveals every question once at the most, after it opened', ({ events }) => {
    let open = -1
    let closed = -1
    for (const event of events) {
      if (event.type === 'question_opened') {
        if (closed !== open) throw new Error('opened before the one before was closed')
        open = event.index
      }
      if (event.type === 'question_closed' && ++closed !== open) throw new Error('closed what was not open')
    }
  })

  await check('never moves backwards', ({ states }) => {
    for (const [place, state] of states.entries()) {
      const before = states[place - 1]
      if (before === undefined) continue
      if (progressOf(state) < progressOf(before)) throw new Error(`${before.phase.status} → ${state.phase.status}`)
    }
  })

  await check('counts its transitions, and stays over when it is over', ({ states }) => {
    for (const [place, state] of states.entries()) {
      if (state.epoch !== place + 1) throw new Error(`epoch ${state.epoch} after ${place} transitions`)
      if (state.phaseEpoch > state.epoch) throw new Error('a phase from the future')
      if (place < states.length - 1 && isOver(state)) throw new Error('moved after the end')
    }
  })

  await check('never gives a question more time than its limit, whatever the pauses', ({ states }) => {
    for (const state of states) {
      const open = currentQuestion(state)
      if (open === undefined) continue
      const limit = state.timeLimitsMs[open.index] ?? 0
      if (open.closesAt < open.opensAt && state.phase.status !== 'paused') throw new Error('closes before it opens')
      if (state.phase.status !== 'question_open') continue
      if (Math.abs(open.elapsedBeforeMs + open.closesAt - open.opensAt - limit) > 1e-3)
        throw new Error('time lost or won')
    }
  })

  await check('never takes time back, and gives no more than the limit for outages', ({ states }) => {
    for (const [place, state] of states.entries()) {
      const open = currentQuestion(state)
      const before = currentQuestion(states[place - 1] ?? state)
      if ((open?.extendedMs ?? 0) > AT_MOST_MS) throw new Error(`extended by ${open?.extendedMs} ms`)
      if (state.phase.status !== 'question_open' || before?.index !== open?.index) continue
      if ((open?.closesAt ?? 0) < (before?.closesAt ?? 0)) throw new Error('closes earlier than was said')
    }
  })

  await check('survives being stored', ({ state }) => {
    if (!isDeepStrictEqual(JSON.parse(JSON.stringify(state)), state)) throw new Error('not the same')
  })

  await check('that is not over continues when its timers come and its host is there', ({ state, states }) => {
    let current = state
    let now = 1_800_000_000_000
    const rules = { advance: 'auto', startDelaySeconds: 0, revealSeconds: 0, closeWhenAllAnswered: false } as const
    for (let turn = 0; turn < 100 && !isOver(current); turn += 1) {
      now = Math.max(now, dueAt(current) ?? now) + 1
      const { phaseEpoch, phase } = current
      const commands: SessionCommand[] = [
        { type: 'start' },
        ...(phase.status === 'paused' ? phase.reasons.map((reason) => ({ type: 'resume', reason }) as const) : []),
        { type: 'timer', epoch: phaseEpoch },
        { type: 'reveal', epoch: phaseEpoch, tally },
        ...(phase.status === 'question_closed' && phase.nextAt === null ? [{ type: 'next' } as const] : []),
      ]
      for (const command of commands) {
        const outcome = decide(current, command, rules, now)
        if (outcome.type === 'accepted') for (const event of outcome.events) current = evolve(current, event)
      }
    }
    if (!isOver(current)) throw new Error(`stuck in ${current.phase.status} after ${states.length} states`)
  })
})

t.test('a question takes answers for its whole limit, outages not counted', async () => {
  const outage = fc.record({
    afterMs: fc.integer({ min: 0, max: 8_000 }),
    lengthMs: fc.integer({ min: 100, max: 5_000 }),
  })
  const rules = { advance: 'manual', startDelaySeconds: 0, revealSeconds: 0, closeWhenAllAnswered: false } as const
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 20_000 }), fc.array(outage, { maxLength: 6 }), (limit, outages) => {
      let state = initialState([limit])
      const apply = (command: SessionCommand, at: number): void => {
        const outcome = decide(state, command, rules, at)
        if (outcome.type === 'accepted') for (const event of outcome.events) state = evolve(state, event)
      }
      apply({ type: 'start' }, 0)
      apply({ type: 'timer', epoch: state.phaseEpoch }, dueAt(state) ?? 0)
      const opensAt = currentQuestion(state)?.opensAt ?? 0
      let silentMs = 0
      let now = opensAt
      for (const { afterMs, lengthMs } of outages) {
        const from = now + afterMs
        now = from + lengthMs
        if (from >= (currentQuestion(state)?.closesAt ?? 0)) continue
        silentMs += lengthMs
        apply({ type: 'outage-over', from, atMostMs: AT_MOST_MS }, now)
        // Another copy of the service saw it a little later.
        apply({ type: 'outage-over', from: from + 20, atMostMs: AT_MOST_MS }, now + 50)
      }
      const closesAt = currentQuestion(state)?.closesAt ?? 0
      if (closesAt - opensAt - silentMs !== limit) throw new Error(`${closesAt - opensAt - silentMs} of ${limit} ms`)
    }),
  )
})
