import fc from 'fast-check'
import type { Fault } from './flaky-proxy.ts'

export const QUESTIONS = 5

/** Milliseconds of the game in which things happen; after it the network is good. */
const GAME_MS = 7_000

/** Something that happens to a phone: to its network, or the app is closed and started again. */
export type Mishap = Fault | { readonly kind: 'restart' }

export interface PhonePlan {
  readonly transport: 'ws' | 'sse'
  /** By question. */
  readonly answers: readonly {
    readonly choice: 0 | 1
    readonly delayMs: number
    /** Sent a second time at the same moment, with the same id over HTTP. */
    readonly isDoubled: boolean
  }[]
  readonly mishaps: readonly { readonly atMs: number; readonly what: Mishap }[]
}

export interface Scenario {
  readonly phones: readonly PhonePlan[]
  /** When an edge process is killed, and which. */
  readonly kills: readonly { readonly atMs: number; readonly copy: 1 | 2 }[]
  readonly closeWhenAllAnswered: boolean
}

/** Plain objects, as they are to be read in a counterexample. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(model, { noNullPrototype: true })

const duration = fc.integer({ min: 50, max: 1_500 })
const moment = fc.integer({ min: 0, max: GAME_MS })

const mishap: fc.Arbitrary<Mishap> = fc.oneof(
  record({ kind: fc.constantFrom('reset', 'close', 'half-open', 'deaf', 'restart') }),
  record({ kind: fc.constantFrom('delay', 'slices', 'offline'), ms: duration }),
)

const phone: fc.Arbitrary<PhonePlan> = record({
  transport: fc.constantFrom('ws', 'ws', 'sse'),
  answers: fc.array(
    record({
      choice: fc.constantFrom(0, 1),
      // Also before the question opens, and after it closed.
      delayMs: fc.integer({ min: -240, max: 1_100 }),
      isDoubled: fc.boolean(),
    }),
    { minLength: QUESTIONS, maxLength: QUESTIONS },
  ),
  mishaps: fc.array(record({ atMs: moment, what: mishap }), { minLength: 2, maxLength: 6 }),
})

export const scenarios: fc.Arbitrary<Scenario> = record({
  phones: fc.array(phone, { minLength: 5, maxLength: 8 }),
  kills: fc.array(record({ atMs: moment, copy: fc.constantFrom(1, 2) }), { maxLength: 2 }),
  closeWhenAllAnswered: fc.boolean(),
})
