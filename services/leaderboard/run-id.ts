import type { Redis } from '#platform/redis'

/**
 * The run id of the server at the other end: another one after every start, also when it comes back with its data.
 *
 * A connection leads to one run of a server, so it is asked once per connection: in a script the question
 * takes longer than a small batch. What the driver sends again after a reconnect has the id of the run before and may be
 * applied to what that one has saved; the next look at the board finds that it is lost all the same.
 */
export const followRunId = (redis: Redis): (() => Promise<string>) => {
  let run: Promise<string> | undefined
  redis.on('close', () => {
    run = undefined
  })

  const ask = async (): Promise<string> => {
    const id = /run_id:([0-9a-f]+)/.exec(await redis.info('server'))?.[1]
    if (id === undefined) throw new Error('the server does not say its run id')
    return id
  }

  return () => {
    if (run !== undefined) return run
    const asked = ask()
    run = asked
    asked.catch(() => {
      if (run === asked) run = undefined
    })
    return asked
  }
}
