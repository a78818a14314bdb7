/** Receives the output of a stack's processes and what its supervisor reports. */
export type Report = {
  /** A line of output of one process. */
  readonly line: (name: string, text: string) => void
  /** Something the supervisor has to say. */
  readonly event: (text: string) => void
}

export const millisecondsSince = (began: number): string => `${Math.round(performance.now() - began)} ms`
