import t from 'tap'
import { decide, initialState } from '../../session/decide.ts'
import { evolve } from '../../session/evolve.ts'
import { currentQuestion, dueAt } from '../../session/phase.ts'
import type { SessionCommand, SessionRules, SessionState, Tally } from '../../session/state.ts'
import { CLOSE_GRACE_MS, MIN_OPEN_LEAD_MS, OPEN_LEAD_MS } from '../../session/timing.ts'

const rules: SessionRules = { advance: 'auto', startDelaySeconds: 3, revealSeconds: 5, closeWhenAllAnswered: true }
const tally: Tally = { answerCount: 1, optionCounts: [1, 0], textCounts: [] }
const T0 = 1_000_000

/** A session that is played by hand: each call applies one command and says what happened. */
const game = (limits: readonly number[] = [20_000, 10_000], custom: Partial<SessionRules> = {}) => {
  let state: SessionState = initialState(limits)
  const apply = (command: SessionCommand, now: number) => {
    const outcome = decide(state, command, { ...rules, ...custom }, now)
    if (outcome.type === 'accepted') for (const event of outcome.events) state = evolve(state, event)
    return outcome.type === 'accepted' ? outcome.events.map(({ type }) => type) : outcome.type
  }
  return {
    apply,
    host: (type: 'start' | 'next' | 'close' | 'lock' | 'unlock' | 'end' | 'cancel', now: number) =>
      apply({ type }, now),
    pause: (now: number, reason = 'host') => apply({ type: 'pause', reason }, now),
    resume: (now: number, reason = 'host') => apply({ type: 'resume', reason }, now),
    timer: (now: number, epoch = state.phaseEpoch) => apply({ type: 'timer', epoch }, now),
    reveal: (now: number, epoch = state.phaseEpoch) => apply({ type: 'reveal', epoch, tally }, now),
    state: () => state,
    due: () => dueAt(state) ?? Number.NaN,
  }
}

/** A game whose first question is open since `T0 + 3 s`. */
const opened = (limits?: readonly number[], custom?: Partial<SessionRules>) => {
  const play = game(limits, custom)
  play.host('start', T0)
  play.timer(play.due())
  return play
}

t.test('a session without commands plays itself to the end', async (t) => {
  const play = game()
  t.same(play.host('start', T0), ['starting'])
  t.equal(play.due(), T0 + 3_000 - OPEN_LEAD_MS, 'the question is announced before it opens')
  t.same(play.timer(play.due()), ['question_opened'])
  t.match(currentQuestion(play.state()), { index: 0, opensAt: T0 + 3_000, closesAt: T0 + 23_000 })
  t.equal(play.due(), T0 + 23_000 + CLOSE_GRACE_MS)
  t.equal(play.timer(play.due()), 'reveal-first')
  t.same(play.reveal(T0 + 23_500), ['question_closed'])
  t.match(play.state().revealed, { index: 0, tally })
  t.equal(play.due(), T0 + 28_500 - OPEN_LEAD_MS)
  t.same(play.timer(play.due()), ['question_opened'])
  t.match(currentQuestion(play.state()), { index: 1, opensAt: T0 + 28_500, closesAt: T0 + 38_500 })
  t.equal(play.state().revealed, null)
  t.same(play.reveal(T0 + 39_000), ['question_closed'])
  t.same(play.timer(play.due()), ['finished'])
  t.match(play.state().phase, { status: 'finished', at: T0 + 44_000 })
  t.equal(play.state().epoch, 7)
})

t.test('a question that is announced a little late opens on time', async (t) => {
  const play = game()
  play.host('start', T0)
  play.timer(T0 + 3_000 - MIN_OPEN_LEAD_MS)
  t.match(currentQuestion(play.state()), { opensAt: T0 + 3_000, closesAt: T0 + 23_000 })
})

t.test('a question that is announced too late still gets the shortest lead and its whole time', async (t) => {
  const play = game()
  play.host('start', T0)
  play.timer(T0 + 60_000)
  const opensAt = T0 + 60_000 + MIN_OPEN_LEAD_MS
  t.match(currentQuestion(play.state()), { opensAt, closesAt: opensAt + 20_000 })
})

t.test('a host who advances by hand decides when the next question comes', async (t) => {
  const play = opened(undefined, { advance: 'manual' })
  play.reveal(T0 + 24_000)
  t.ok(Number.isNaN(play.due()), 'nothing happens by itself')
  t.same(play.host('next', T0 + 50_000), ['question_opened'])
  t.same(play.host('next', T0 + 51_000), ['question_closing'], 'next while a question is open closes it')
  play.reveal(T0 + 52_000)
  t.same(play.host('next', T0 + 53_000), ['finished'])
})

t.test('closing by hand stops the answers at once and reveals after the grace', async (t) => {
  const play = opened()
  t.same(play.host('close', T0 + 5_000), ['question_closing'])
  t.equal(currentQuestion(play.state())?.closesAt, T0 + 5_000)
  t.equal(play.host('close', T0 + 5_010), 'reveal-first', 'a second close waits for the first')
  t.equal(play.reveal(T0 + 5_000 + CLOSE_GRACE_MS - 1), 'early')
  t.same(play.reveal(T0 + 5_000 + CLOSE_GRACE_MS), ['question_closed'])
  t.equal(play.host('close', T0 + 6_000), 'refused')
})

t.test('closing in the lead before a question opens leaves no negative time', async (t) => {
  const play = opened()
  play.host('close', T0 + 2_900)
  t.match(currentQuestion(play.state()), { opensAt: T0 + 3_000, closesAt: T0 + 3_000 })
})

t.test('ending in the middle of a question reveals it and finishes', async (t) => {
  const play = opened()
  t.same(play.host('end', T0 + 5_000), ['question_closing'])
  t.same(play.reveal(T0 + 5_500), ['question_closed', 'finished'])
  t.match(play.state(), { revealed: { index: 0 }, phase: { status: 'finished' } })
})

t.test('ending while a close is under way waits for it', async (t) => {
  const play = opened()
  play.host('close', T0 + 5_000)
  t.equal(play.host('end', T0 + 5_001), 'reveal-first')
  play.reveal(T0 + 5_500)
  t.same(play.host('end', T0 + 5_501), ['finished'])
})

t.test('a pause keeps what is left of the question', async (t) => {
  const play = opened()
  t.same(play.pause(T0 + 8_000), ['paused'])
  t.match(play.state().phase, { held: { status: 'question_open', remainingMs: 15_000 } })
  t.match(currentQuestion(play.state()), { elapsedBeforeMs: 5_000 })
  t.ok(Number.isNaN(play.due()))
  t.same(play.resume(T0 + 100_000), ['resumed'])
  t.match(play.state().phase, {
    status: 'question_open',
    opensAt: T0 + 100_250,
    closesAt: T0 + 115_250,
    elapsedBeforeMs: 5_000,
  })
  play.pause(T0 + 101_250)
  t.match(currentQuestion(play.state()), { elapsedBeforeMs: 6_000 })
  play.resume(T0 + 200_000)
  t.match(currentQuestion(play.state()), { opensAt: T0 + 200_250, closesAt: T0 + 214_250 })
})

t.test('a pause ends when its last reason is gone', async (t) => {
  const play = opened()
  play.pause(T0 + 8_000)
  t.same(play.pause(T0 + 8_001, 'host'), [], 'the same reason twice changes nothing')
  t.same(play.pause(T0 + 8_002, 'operator'), ['paused'])
  t.same(play.resume(T0 + 9_000), ['resumed'])
  t.match(play.state().phase, { status: 'paused', reasons: ['operator'] })
  t.equal(play.resume(T0 + 9_001), 'refused')
  play.resume(T0 + 10_000, 'operator')
  t.match(play.state().phase, { status: 'question_open' })
})

t.test('a pause that comes when the time is up waits for the reveal and holds what follows', async (t) => {
  const play = opened()
  t.equal(play.pause(T0 + 23_000), 'reveal-first')
  play.reveal(T0 + 23_500)
  t.same(play.pause(T0 + 24_500), ['paused'])
  t.match(play.state().phase, { held: { status: 'question_closed', remainingMs: 4_000 } })
  play.resume(T0 + 90_000)
  t.match(play.state().phase, { status: 'question_closed', nextAt: T0 + 94_000 })
})

t.test('a paused question can be ended', async (t) => {
  const play = opened()
  play.pause(T0 + 8_000)
  t.equal(play.host('close', T0 + 9_000), 'refused')
  t.same(play.host('end', T0 + 9_000), ['question_closing'])
  t.same(play.reveal(T0 + 9_500), ['question_closed', 'finished'])
})

t.test('a pause of the countdown keeps what is left of it', async (t) => {
  const play = game()
  play.host('start', T0)
  play.pause(T0 + 1_000)
  play.resume(T0 + 50_000)
  t.match(play.state().phase, { status: 'starting', startsAt: T0 + 52_000 })
})

t.test('a timer that was made for an earlier phase does nothing', async (t) => {
  const play = opened()
  const stale = play.state().phaseEpoch
  play.host('close', T0 + 5_000)
  play.reveal(T0 + 5_500)
  play.timer(play.due())
  t.equal(currentQuestion(play.state())?.index, 1)
  t.equal(play.timer(T0 + 1_000_000, stale), 'stale')
  t.equal(play.reveal(T0 + 1_000_000, stale), 'stale')
})

t.test('a lock does not make the timer of the question stale', async (t) => {
  const play = opened()
  const { phaseEpoch } = play.state()
  play.host('lock', T0 + 5_000)
  t.equal(play.state().phaseEpoch, phaseEpoch)
  t.equal(play.timer(play.due()), 'reveal-first')
})

t.test(
  'players who have all answered close a question only while it is that question, and only if the rules say so',
  async (t) => {
    const play = opened()
    t.same(play.apply({ type: 'all-answered', index: 1 }, T0 + 5_000), [])
    t.same(play.apply({ type: 'all-answered', index: 0 }, T0 + 5_000), ['question_closing'])
    t.same(play.apply({ type: 'all-answered', index: 0 }, T0 + 5_001), [])
    const patient = opened(undefined, { closeWhenAllAnswered: false })
    t.same(patient.apply({ type: 'all-answered', index: 0 }, T0 + 5_000), [])
  },
)

t.test('a session starts by itself only from the lobby', async (t) => {
  const play = game()
  t.same(play.apply({ type: 'auto-start' }, T0), ['starting'])
  t.same(play.apply({ type: 'auto-start' }, T0 + 1), [])
})

t.test('commands in states that do not allow them are refused', async (t) => {
  const lobby = game()
  for (const command of ['next', 'close', 'end'] as const)
    t.equal(lobby.host(command, T0), 'refused', `${command} in the lobby`)
  t.equal(lobby.pause(T0), 'refused')
  t.equal(lobby.resume(T0), 'refused')
  const starting = game()
  starting.host('start', T0)
  for (const command of ['start', 'next', 'close', 'end'] as const) {
    t.equal(starting.host(command, T0 + 1), 'refused', `${command} while starting`)
  }
  const over = game()
  over.host('cancel', T0)
  for (const command of ['start', 'next', 'close', 'lock', 'unlock', 'end', 'cancel'] as const) {
    t.equal(over.host(command, T0 + 1), 'refused', `${command} after the end`)
  }
})

t.test('lock, unlock and removing are repeatable', async (t) => {
  const play = game()
  t.same(play.host('unlock', T0), [])
  t.same(play.host('lock', T0), ['locked'])
  t.same(play.host('lock', T0), [])
  t.same(play.apply({ type: 'remove-players', playerIds: ['p'] }, T0), ['players_removed'])
  t.same(play.apply({ type: 'remove-players', playerIds: ['p'] }, T0), [])
  t.same(play.apply({ type: 'remove-players', playerIds: ['p', 'q', 'r'] }, T0), ['players_removed'])
  t.same(play.state().removed, ['p', 'q', 'r'])
})

const outageOver = (from: number, atMostMs = 30_000) => ({ type: 'outage-over', from, atMostMs }) as const

t.test('an outage in mid-question takes nothing of its time, and is no answering time', async (t) => {
  const play = opened()
  t.same(play.apply(outageOver(T0 + 10_000), T0 + 15_000), ['question_extended'])
  t.match(play.state().phase, {
    status: 'question_open',
    opensAt: T0 + 15_000,
    closesAt: T0 + 28_000,
    elapsedBeforeMs: 7_000,
    extendedMs: 5_000,
  })
  t.equal(play.due(), T0 + 28_000 + CLOSE_GRACE_MS)
  t.same(play.apply(outageOver(T0 + 10_200), T0 + 15_050), [], 'another observer of the same outage')
  t.equal(play.timer(T0 + 23_000 + CLOSE_GRACE_MS, play.state().phaseEpoch - 1), 'stale', 'the old deadline is void')
})

t.test('an outage that began in mid-question and ended after its time gives the rest back', async (t) => {
  const play = opened()
  t.same(play.apply(outageOver(T0 + 22_000), T0 + 27_000), ['question_extended'])
  t.match(play.state().phase, { opensAt: T0 + 27_000, closesAt: T0 + 28_000 })
})

t.test('what an outage cannot have taken is not given', async (t) => {
  const play = opened()
  t.same(play.apply(outageOver(T0), T0 + 2_900), [], 'over before the question opened')
  t.same(play.apply(outageOver(T0 + 23_000), T0 + 24_000), [], 'begun when the time was up')
  t.same(
    play.apply(outageOver(T0 + 3_000, 10_000), T0 + 40_000),
    [],
    'longer than what may be given, and the time is up',
  )
  t.same(play.apply(outageOver(T0 + 3_000, 10_000), T0 + 15_000), ['question_extended'])
  t.match(play.state().phase, { closesAt: T0 + 33_000, extendedMs: 10_000, elapsedBeforeMs: 2_000 })
  t.same(
    play.apply(outageOver(T0 + 16_000, 10_000), T0 + 20_000),
    [],
    'the bound is for the question, not for each outage',
  )
  play.pause(T0 + 21_000)
  t.same(play.apply(outageOver(T0 + 20_000), T0 + 22_000), [], 'while it is paused')
  t.match(play.state().phase, { held: { question: { extendedMs: 10_000 }, remainingMs: 12_000 } })
  t.same(play.host('end', T0 + 22_000), ['question_closing'])
  t.same(play.apply(outageOver(T0 + 20_000), T0 + 23_000), [], 'the host has closed it')
  play.host('cancel', T0 + 24_000)
  t.same(play.apply(outageOver(T0 + 20_000), T0 + 25_000), [])
})

t.test('a question that was announced late opens late, with its full time', async (t) => {
  const play = opened()
  const { phaseEpoch } = play.state()
  const announced = { type: 'announced', epoch: phaseEpoch } as const
  t.same(play.apply(announced, T0 + 3_400), [], 'a little late is in time')
  t.same(play.apply(announced, T0 + 60_000), ['question_extended'])
  const opensAt = T0 + 60_000 + OPEN_LEAD_MS
  t.match(play.state().phase, { status: 'question_open', opensAt, closesAt: opensAt + 20_000, elapsedBeforeMs: 0 })
  t.equal(play.apply(announced, T0 + 61_000), 'stale', 'once')
  t.same(play.host('next', T0 + 60_100), [], 'it has not opened yet')
})

t.test('a resumed question that was announced late has what it had left', async (t) => {
  const play = opened()
  play.pause(T0 + 13_000)
  play.resume(T0 + 14_000)
  t.same(play.apply({ type: 'announced', epoch: play.state().phaseEpoch }, T0 + 18_000), ['question_extended'])
  const opensAt = T0 + 18_000 + OPEN_LEAD_MS
  t.match(play.state().phase, { opensAt, closesAt: opensAt + 10_000, elapsedBeforeMs: 10_000, extendedMs: 0 })
})
