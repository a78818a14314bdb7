import { type Checked, createFaults } from '../field-error.ts'
import { LAG_COMPENSATIONS, type LagCompensation } from '../scoring/lag.ts'
import { RULE_NAMES, type RuleName } from '../scoring/rules.ts'
import type { SessionRules } from './state.ts'

/** Settings of a session, fixed when it is created. */
export interface Settings extends SessionRules {
  readonly timeLimitSeconds: number
  readonly maxParticipants: number
  readonly questionOrder: 'sequential' | 'random'
  readonly optionOrder: 'fixed' | 'random'
  /** 0 = never by itself. */
  readonly autoStartPlayers: number
  readonly scoring: RuleName
  readonly streakBonus: boolean
  /** When players see what answers earned. `immediate` tells the key before the close; it is for practice. */
  readonly reveal: 'immediate' | 'on_close'
  readonly lateJoin: boolean
  readonly access: 'users' | 'guests'
  /** Guests from one address; a class sits behind one, and so does a script. */
  readonly guestSeatsPerAddress: number
  /** Who sees typed answers at the reveal; players only those that the word filter lets through. */
  readonly showTypedAnswers: 'host' | 'everyone' | 'none'
  /** Whether the delay of the network, as the edge measures it, is taken off the answering time. */
  readonly lagCompensation: LagCompensation
}

export const defaultSettings: Settings = {
  timeLimitSeconds: 20,
  maxParticipants: 1_000,
  questionOrder: 'sequential',
  optionOrder: 'fixed',
  advance: 'auto',
  autoStartPlayers: 0,
  startDelaySeconds: 3,
  revealSeconds: 3,
  closeWhenAllAnswered: true,
  scoring: 'speed',
  streakBonus: false,
  reveal: 'on_close',
  lateJoin: true,
  access: 'users',
  guestSeatsPerAddress: 400,
  showTypedAnswers: 'host',
  lagCompensation: 'measured',
}

/** One script cannot fill a session, one class can. */
export const defaultGuestSeats = (maxParticipants: number): number => Math.max(40, Math.ceil(0.4 * maxParticipants))

/** What a host may send: any of the settings, not checked yet. */
export type SettingsInput = {
  readonly [K in keyof Settings]?: (Settings[K] extends string ? string : Settings[K]) | undefined
}

const CHOICES = {
  questionOrder: ['sequential', 'random'],
  optionOrder: ['fixed', 'random'],
  advance: ['auto', 'manual'],
  scoring: RULE_NAMES,
  reveal: ['immediate', 'on_close'],
  access: ['users', 'guests'],
  showTypedAnswers: ['host', 'everyone', 'none'],
  lagCompensation: LAG_COMPENSATIONS,
} as const satisfies Partial<Record<keyof Settings, readonly string[]>>

export const TIME_LIMIT_SECONDS = { min: 1, max: 600 } as const

/** The settings with defaults for whatever is absent, or every fault. */
export const completeSettings = (input: SettingsInput): Checked<Settings> => {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
  const settings = { ...defaultSettings, ...given } as Settings
  const guestSeatsPerAddress = input.guestSeatsPerAddress ?? defaultGuestSeats(settings.maxParticipants)
  const faults = createFaults()
  for (const [name, values] of Object.entries(CHOICES)) {
    const value = settings[name as keyof typeof CHOICES]
    if (!(values as readonly string[]).includes(value)) faults.add(`/settings/${name}`, 'enum')
  }
  faults.integer(
    '/settings/timeLimitSeconds',
    settings.timeLimitSeconds,
    TIME_LIMIT_SECONDS.min,
    TIME_LIMIT_SECONDS.max,
  )
  faults.integer('/settings/maxParticipants', settings.maxParticipants, 1, 100_000)
  faults.integer('/settings/guestSeatsPerAddress', guestSeatsPerAddress, 1, 100_000)
  // More players than there are seats would never come.
  faults.integer('/settings/autoStartPlayers', settings.autoStartPlayers, 0, settings.maxParticipants)
  faults.number('/settings/startDelaySeconds', settings.startDelaySeconds, 0, 60)
  faults.number('/settings/revealSeconds', settings.revealSeconds, 0, 60)
  return faults.errors.length === 0
    ? { ok: true, value: { ...settings, guestSeatsPerAddress } }
    : { ok: false, errors: faults.errors }
}
