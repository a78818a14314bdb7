import type { FuzzLedger } from './ledger.ts'
import type { Random } from './random.ts'
import type { Words } from './words.ts'

/** What all lanes of a run share. A lane is one client that does nothing but harm, one thing after the other. */
export interface LaneContext {
  readonly port: number
  readonly ledger: FuzzLedger
  isOver(): boolean
  /** What the stand-ins mean just now, for a client drawn at random. */
  words(random: Random): Words
}

export type Lane = (context: LaneContext, name: string, seed: number) => Promise<void>
