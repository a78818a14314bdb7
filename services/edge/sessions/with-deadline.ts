import { PodiumError } from '#platform/errors'

/** Waits no longer than `ms`. @throws PodiumError `unavailable` when the time is up; the work continues. */
export const withDeadline = async <T>(work: Promise<T>, ms: number, what: string): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new PodiumError('unavailable', { cause: new Error(what) })), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
