import { revealedCount } from './phase.ts'
import type { Held, OpenQuestion, Paused, Phase, SessionEvent, SessionState } from './state.ts'
import { OPEN_LEAD_MS } from './timing.ts'

/** The state after an event that `decide` made for this state. @throws when it was made for another one, which is a bug. */
export const evolve = (state: SessionState, event: SessionEvent): SessionState => {
  const epoch = state.epoch + 1
  const enter = (phase: Phase): SessionState => ({ ...state, epoch, phaseEpoch: epoch, phase })
  const { phase } = state
  switch (event.type) {
    case 'starting':
      return enter({ status: 'starting', startsAt: event.startsAt })
    case 'question_opened':
      return {
        ...enter({
          status: 'question_open',
          index: event.index,
          opensAt: event.opensAt,
          closesAt: event.closesAt,
          elapsedBeforeMs: 0,
        }),
        revealed: null,
      }
    case 'question_extended': {
      const { opensAt, closesAt, elapsedBeforeMs, extendedMs } = event
      const { index } = seenQuestion(state)
      return enter({ status: 'question_open', index, opensAt, closesAt, elapsedBeforeMs, extendedMs })
    }
    case 'question_closing':
      return enter({
        ...seenQuestion(state),
        status: 'question_closing',
        closesAt: event.at,
        followedBy: event.followedBy,
      })
    case 'question_closed': {
      const { index } = seenQuestion(state)
      return {
        ...enter({ status: 'question_closed', index, nextAt: event.nextAt }),
        revealed: { index, tally: event.tally },
      }
    }
    case 'paused':
      if (phase.status !== 'paused')
        return enter({ status: 'paused', reasons: [event.reason], held: hold(phase, event.at) })
      return { ...state, epoch, phase: { ...phase, reasons: [...phase.reasons, event.reason] } }
    case 'resumed': {
      if (phase.status !== 'paused') throw new Error('resumed what was not paused')
      const reasons = phase.reasons.filter((reason) => reason !== event.reason)
      return reasons.length > 0 ? { ...state, epoch, phase: { ...phase, reasons } } : enter(release(phase, event.at))
    }
    case 'locked':
      return { ...state, epoch, locked: true }
    case 'unlocked':
      return { ...state, epoch, locked: false }
    case 'players_removed':
      return { ...state, epoch, removed: [...state.removed, ...event.playerIds] }
    case 'finished':
      return enter({ status: 'finished', at: event.at })
    case 'cancelled':
      return enter({ status: 'cancelled', at: event.at, revealedCount: revealedCount(state) })
    default:
      return event satisfies never
  }
}

const seenQuestion = ({ phase }: SessionState): OpenQuestion => {
  const question = phase.status === 'paused' && phase.held.status === 'question_open' ? phase.held.question : phase
  if (!('opensAt' in question)) throw new Error(`there is no open question while ${phase.status}`)
  const { index, opensAt, closesAt, elapsedBeforeMs } = question
  return { index, opensAt, closesAt, elapsedBeforeMs, ...extendedOf(question) }
}

const extendedOf = ({ extendedMs }: OpenQuestion): Pick<OpenQuestion, 'extendedMs'> =>
  extendedMs === undefined ? {} : { extendedMs }

const hold = (phase: Phase, at: number): Held => {
  switch (phase.status) {
    case 'starting':
      return { status: 'starting', remainingMs: Math.max(0, phase.startsAt - at) }
    case 'question_open': {
      const { index, opensAt, closesAt, elapsedBeforeMs } = phase
      const from = Math.max(at, opensAt)
      return {
        status: 'question_open',
        question: {
          ...{ index, opensAt, closesAt, elapsedBeforeMs: elapsedBeforeMs + (from - opensAt) },
          ...extendedOf(phase),
        },
        remainingMs: closesAt - from,
      }
    }
    case 'question_closed':
      return {
        status: 'question_closed',
        index: phase.index,
        remainingMs: phase.nextAt === null ? null : Math.max(0, phase.nextAt - at),
      }
    default:
      throw new Error(`nothing to pause while ${phase.status}`)
  }
}

/** The phase as it was, with what was left of its time; phones get the lead that they get with every question. */
const release = ({ held }: Paused, at: number): Phase => {
  switch (held.status) {
    case 'starting':
      return { status: 'starting', startsAt: at + Math.max(held.remainingMs, OPEN_LEAD_MS) }
    case 'question_open': {
      const opensAt = at + OPEN_LEAD_MS
      return { ...held.question, status: 'question_open', opensAt, closesAt: opensAt + held.remainingMs }
    }
    case 'question_closed': {
      const nextAt = held.remainingMs === null ? null : at + Math.max(held.remainingMs, OPEN_LEAD_MS)
      return { status: 'question_closed', index: held.index, nextAt }
    }
    default:
      return held satisfies never
  }
}
