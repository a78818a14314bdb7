/** Finds connections that are dead without having said so. */
export interface Silence {
  /** There was a sign of life, or a connection is being opened. */
  heard(): void
  /** Milliseconds since the last sign of life. */
  length(): number
  stop(): void
}

export interface SilenceOptions {
  /** Silence for so long means that the connection is dead. */
  readonly limitMs: number
  /** Half-way there: ask for a sign of life, if the transport can. */
  readonly ask: (timeoutMs: number) => void
  readonly giveUp: () => void
}

export const createSilence = ({ limitMs, ask, giveUp }: SilenceOptions): Silence => {
  let timer: ReturnType<typeof setTimeout> | undefined
  let since = Date.now()
  const half = limitMs / 2
  const onHalf = (): void => {
    timer = setTimeout(giveUp, half)
    ask(half)
  }
  return {
    heard: () => {
      since = Date.now()
      clearTimeout(timer)
      timer = setTimeout(onHalf, half)
    },
    length: () => Date.now() - since,
    stop: () => clearTimeout(timer),
  }
}
