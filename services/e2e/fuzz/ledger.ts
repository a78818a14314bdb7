/** What a run has done and found. */
export interface FuzzLedger {
  /** Whole requests, mutated bytes in place of requests, frames that were read. */
  readonly sent: { requests: number; mutants: number; frames: number }
  /** How often each status and close code came back. */
  readonly outcomes: Map<string, number>
  readonly failures: Failure[]
  count(outcome: string): void
  fail(what: string, lane: string, input: Buffer): void
}

export interface Failure {
  readonly what: string
  readonly lane: string
  /** What had just been sent. */
  readonly input: Buffer
}

const MOST_FAILURES = 50

export const createLedger = (): FuzzLedger => {
  const outcomes = new Map<string, number>()
  const failures: Failure[] = []
  return {
    sent: { requests: 0, mutants: 0, frames: 0 },
    outcomes,
    failures,
    count: (outcome) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1),
    fail: (what, lane, input) => {
      if (failures.length < MOST_FAILURES) failures.push({ what, lane, input })
    },
  }
}

export const totalOf = ({ sent }: FuzzLedger): number => sent.requests + sent.mutants + sent.frames
