import { around, chance, createRandom } from './random.ts'

/** Who a simulated player is. */
export interface Persona {
  readonly index: number
  readonly nickname: string
  /** 0 knows nothing, 1 everything. */
  readonly skill: number
  /** 1 thinks as long as most. */
  readonly pace: number
  /** Of the first device. */
  readonly transport: 'ws' | 'sse'
  readonly seed: string
}

export const personaOf = (index: number, nickname: string, seed: string): Persona => {
  const random = createRandom(seed, 'player', index)
  return {
    index,
    nickname,
    seed,
    skill: Math.min(0.98, Math.max(0.2, around(random, 0.66, 0.17))),
    pace: Math.max(0.4, around(random, 1, 0.25)),
    transport: chance(random, 0.5) ? 'ws' : 'sse',
  }
}
