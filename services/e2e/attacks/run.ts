import type { Target } from '../target.ts'
import type { Attack } from './attack.ts'

export interface Observation {
  readonly attack: Attack
  readonly observed: string
}

/** Attacks under way at once: the slow ones wait for clocks, and an edge has to bear several anyway. */
const AT_ONCE = 12

const DURATIONS: readonly Attack['takes'][] = [undefined, 'ten seconds', 'a minute']

const observe = (attack: Attack, target: Target): Promise<string> =>
  attack.run(target).catch((error: unknown) => `failed: ${error instanceof Error ? error.message : error}`)

/** Runs the attacks, several at a time, the slow ones first; the observations are in the order of the attacks. */
export const runAttacks = async (target: Target, attacks: readonly Attack[]): Promise<readonly Observation[]> => {
  const observed = new Map<Attack, string>()
  const queue = attacks.toSorted((a, b) => DURATIONS.indexOf(b.takes) - DURATIONS.indexOf(a.takes))
  const work = async (): Promise<void> => {
    for (let attack = queue.shift(); attack !== undefined; attack = queue.shift()) {
      observed.set(attack, await observe(attack, target))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return attacks.map((attack) => ({ attack, observed: observed.get(attack) ?? '' }))
}
