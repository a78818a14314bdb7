import { dueAt, isOver, revealableAt } from './phase.ts'
import type {
  OpenQuestion,
  Outcome,
  QuestionClosed,
  SessionCommand,
  SessionEvent,
  SessionRules,
  SessionState,
} from './state.ts'
import { LATE_ANNOUNCEMENT_MS, MIN_EXTENSION_MS, MIN_OPEN_LEAD_MS, OPEN_LEAD_MS } from './timing.ts'

export const initialState = (timeLimitsMs: readonly number[]): SessionState => ({
  epoch: 1,
  phaseEpoch: 1,
  phase: { status: 'lobby' },
  locked: false,
  removed: [],
  revealed: null,
  timeLimitsMs,
})

const accepted = (...events: readonly SessionEvent[]): Outcome => ({ type: 'accepted', events })
const NOTHING_TO_DO = accepted()
const REFUSED: Outcome = { type: 'refused' }
const STALE: Outcome = { type: 'stale' }
const REVEAL: Outcome = { type: 'reveal-first', again: false }
const REVEAL_THEN_AGAIN: Outcome = { type: 'reveal-first', again: true }

/** The rule of the game: what a command does to a session at the time `now`. */
export const decide = (state: SessionState, command: SessionCommand, rules: SessionRules, now: number): Outcome => {
  if (command.type === 'timer') return decideTimer(state, command.epoch, now)
  if (command.type === 'reveal') return decideReveal(state, command, rules, now)
  if (command.type === 'outage-over') return extend(state, command, now)
  if (command.type === 'announced') return reannounce(state, command.epoch, now)
  const { phase } = state
  if (isOver(state)) return command.type === 'auto-start' || command.type === 'all-answered' ? NOTHING_TO_DO : REFUSED
  switch (command.type) {
    case 'start':
      return phase.status === 'lobby' ? start(rules, now) : REFUSED
    case 'auto-start':
      return phase.status === 'lobby' ? start(rules, now) : NOTHING_TO_DO
    case 'next':
      return next(state, now)
    case 'close':
      return close(state, now)
    case 'all-answered':
      return phase.status === 'question_open' && phase.index === command.index && rules.closeWhenAllAnswered
        ? accepted(closing(phase, now, 'reveal'))
        : NOTHING_TO_DO
    case 'pause':
      return pause(state, command.reason, now)
    case 'resume':
      return phase.status === 'paused' && phase.reasons.includes(command.reason)
        ? accepted({ type: 'resumed', reason: command.reason, at: now })
        : REFUSED
    case 'lock':
      return state.locked ? NOTHING_TO_DO : accepted({ type: 'locked' })
    case 'unlock':
      return state.locked ? accepted({ type: 'unlocked' }) : NOTHING_TO_DO
    case 'remove-players': {
      const before = new Set(state.removed)
      const playerIds = command.playerIds.filter((playerId) => !before.has(playerId))
      return playerIds.length === 0 ? NOTHING_TO_DO : accepted({ type: 'players_removed', playerIds })
    }
    case 'end':
      return end(state, now)
    case 'cancel':
      return accepted({ type: 'cancelled', at: now })
    default:
      return command satisfies never
  }
}

const start = (rules: SessionRules, now: number): Outcome =>
  accepted({ type: 'starting', startsAt: now + Math.round(rules.startDelaySeconds * 1_000) })

/** A second `next` while no player can have answered yet is the same one sent twice: it must not close the new question. */
const next = (state: SessionState, now: number): Outcome => {
  const { phase } = state
  if (phase.status === 'question_closed') return moveOn(state, phase, now + OPEN_LEAD_MS, now)
  const isJustOpening = phase.status === 'question_open' && now < phase.opensAt && phase.elapsedBeforeMs === 0
  return isJustOpening ? NOTHING_TO_DO : close(state, now)
}

/** To the next question, or to the end after the last one. */
const moveOn = (state: SessionState, { index }: QuestionClosed, plannedAt: number, now: number): Outcome => {
  if (index + 1 >= state.timeLimitsMs.length) return accepted({ type: 'finished', at: now })
  return accepted(opened(state, index + 1, plannedAt, now))
}

/** Opens at `plannedAt` also when the announcement is a little late, but never without the lead that phones need. */
const opened = (state: SessionState, index: number, plannedAt: number, now: number): SessionEvent => {
  const limit = state.timeLimitsMs[index]
  if (limit === undefined) throw new RangeError(`there is no question ${index}`)
  const opensAt = Math.max(plannedAt, now + MIN_OPEN_LEAD_MS)
  return { type: 'question_opened', index, opensAt, closesAt: opensAt + limit }
}

const closing = ({ opensAt, closesAt }: OpenQuestion, now: number, followedBy: 'reveal' | 'finish'): SessionEvent => ({
  type: 'question_closing',
  at: Math.min(Math.max(now, opensAt), closesAt),
  followedBy,
})

const close = ({ phase }: SessionState, now: number): Outcome => {
  if (phase.status === 'question_open') return accepted(closing(phase, now, 'reveal'))
  return phase.status === 'question_closing' ? REVEAL : REFUSED
}

const pause = ({ phase }: SessionState, reason: string, now: number): Outcome => {
  switch (phase.status) {
    case 'starting':
    case 'question_closed':
      return accepted({ type: 'paused', reason, at: now })
    case 'question_open':
      // Nothing is left to put on hold: the pause is one of the reveal that follows.
      return now >= phase.closesAt ? REVEAL_THEN_AGAIN : accepted({ type: 'paused', reason, at: now })
    case 'question_closing':
      return REVEAL_THEN_AGAIN
    case 'paused':
      return phase.reasons.includes(reason) ? NOTHING_TO_DO : accepted({ type: 'paused', reason, at: now })
    default:
      return REFUSED
  }
}

/** What was played counts: an open question is closed and revealed first. */
const end = ({ phase }: SessionState, now: number): Outcome => {
  switch (phase.status) {
    case 'question_open':
      return accepted(closing(phase, now, 'finish'))
    case 'question_closing':
      return phase.followedBy === 'finish' ? REVEAL : REVEAL_THEN_AGAIN
    case 'question_closed':
      return accepted({ type: 'finished', at: now })
    case 'paused':
      if (phase.held.status === 'starting') return REFUSED
      if (phase.held.status === 'question_closed') return accepted({ type: 'finished', at: now })
      return accepted({
        type: 'question_closing',
        at: Math.max(now, phase.held.question.opensAt),
        followedBy: 'finish',
      })
    default:
      return REFUSED
  }
}

const decideTimer = (state: SessionState, epoch: number, now: number): Outcome => {
  const { phase, phaseEpoch } = state
  const due = dueAt(state)
  if (epoch !== phaseEpoch || due === undefined) return STALE
  if (now < due) return { type: 'early', dueAt: due }
  if (phase.status === 'starting') return accepted(opened(state, 0, phase.startsAt, now))
  return phase.status === 'question_closed' ? moveOn(state, phase, phase.nextAt ?? now, now) : REVEAL
}

/**
 * Game time stands still while no answer can be stored: the question goes on from now with the time it had left at the start of
 * the outage, and the outage is in no player's answering time. Overlapping reports of several observers count once, since the first one moves
 * `opensAt`. What was over before the outage stays over.
 */
const extend = (
  { phase }: SessionState,
  { from, atMostMs }: { readonly from: number; readonly atMostMs: number },
  now: number,
): Outcome => {
  if (phase.status !== 'question_open') return NOTHING_TO_DO
  const { opensAt, closesAt, elapsedBeforeMs, extendedMs = 0 } = phase
  const begin = Math.max(from, opensAt)
  const lostMs = now - begin
  const givenMs = Math.min(lostMs, atMostMs - extendedMs)
  if (begin >= closesAt || givenMs < MIN_EXTENSION_MS || closesAt + givenMs <= now) return NOTHING_TO_DO
  return accepted({
    type: 'question_extended',
    opensAt: now,
    closesAt: closesAt + givenMs,
    elapsedBeforeMs: elapsedBeforeMs + (begin - opensAt) + (lostMs - givenMs),
    extendedMs: extendedMs + givenMs,
  })
}

/** A question that could not be announced in time opens when it can, with all the time that it had. */
const reannounce = ({ phase, phaseEpoch }: SessionState, epoch: number, now: number): Outcome => {
  if (phase.status !== 'question_open' || epoch !== phaseEpoch) return STALE
  const { opensAt, closesAt, elapsedBeforeMs, extendedMs = 0 } = phase
  if (now <= opensAt + LATE_ANNOUNCEMENT_MS) return NOTHING_TO_DO
  const opensAgainAt = now + OPEN_LEAD_MS
  return accepted({
    type: 'question_extended',
    opensAt: opensAgainAt,
    closesAt: opensAgainAt + (closesAt - opensAt),
    elapsedBeforeMs,
    extendedMs,
  })
}

const decideReveal = (
  { phase, phaseEpoch }: SessionState,
  { epoch, tally }: { readonly epoch: number; readonly tally: QuestionTally },
  rules: SessionRules,
  now: number,
): Outcome => {
  if (epoch !== phaseEpoch) return STALE
  if (phase.status !== 'question_open' && phase.status !== 'question_closing') return STALE
  if (now < revealableAt(phase)) return { type: 'early', dueAt: revealableAt(phase) }
  if (phase.status === 'question_closing' && phase.followedBy === 'finish') {
    return accepted({ type: 'question_closed', tally, nextAt: null }, { type: 'finished', at: now })
  }
  const nextAt = rules.advance === 'auto' ? now + Math.round(rules.revealSeconds * 1_000) : null
  return accepted({ type: 'question_closed', tally, nextAt })
}

type QuestionTally = Extract<SessionCommand, { type: 'reveal' }>['tally']
