import type { Redis } from '#lib/redis'

/** The run id of the server at the other end: another one after every start, also when it comes back with its data. */
export interface RunIds {
  /** Undefined until it was asked for on this connection. */
  known(): string | undefined
  ask(): Promise<string>
}

/**
 * A connection leads to one run of a server, so it is asked once per connection: in a script the question
 * takes longer than a small batch. What the driver sends again after a reconnect has the id of the run before and may be
 * applied to what that one has saved; the next look at the board finds that it is lost all the same.
 */
export const followRunId = (redis: Redis): RunIds => {
  let known: string | undefined
  let asking: Promise<string> | undefined
  const forget = (): void => {
    known = undefined
    asking = undefined
  }
  redis.on('close', forget)

  const ask = async (): Promise<string> => {
    const run = /run_id:([0-9a-f]+)/.exec(await redis.info('server'))?.[1]
    if (run === undefined) throw new Error('the server does not say its run id')
    return run
  }

  return {
    known: () => known,
    ask: () => {
      if (asking !== undefined) return asking
      const mine = ask()
      asking = mine
      // An answer that comes after the connection was lost is that of a server that may be gone.
      mine.then(
        (run) => {
          if (asking === mine) known = run
        },
        () => {
          if (asking === mine) forget()
        },
      )
      return mine
    },
  }
}
