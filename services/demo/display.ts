import type { Entry, PublicQuestion, Reveal } from '#client'

/** What people see of a game while it is played. */
export interface Display {
  /** A line that stays. */
  say(line: string): void
  lobby(game: GameOnShow): void
  /** How many are in now. */
  attendance(present: number, webSockets: number): void
  starting(): void
  opened(question: PublicQuestion, difficulty: string | undefined): void
  answered(): void
  paused(remainingMs: number): void
  resumed(question: PublicQuestion | undefined): void
  closed(reveal: Reveal): void
  board(top: readonly Entry[]): void
  /** Something out of the ordinary, in one line. */
  tell(line: string): void
  finished(): void
  /** The winners, when the screen has something to add to the summary. */
  podium(top: readonly Entry[]): void
  /** Nothing moves any more; gives the terminal back. May be called again. */
  end(): void
}

export interface GameOnShow {
  readonly title: string
  readonly players: number
  readonly joinCode: string
  readonly serverNow: () => number
  /** Latencies so far, in one line. */
  readonly latency: () => string
}

export type Output = Pick<NodeJS.WriteStream, 'write' | 'columns' | 'rows'>
