/** Waits for the first message of a connection, which may say where the client wants to go on; a moment only. */
export interface Greeting {
  /** Where to go on; undefined for a snapshot. Never rejects. */
  readonly position: Promise<number | undefined>
  /** The first call decides and returns true. */
  end(position: number | undefined): boolean
}

export const createGreeting = (graceMs: number): Greeting => {
  let resolve: ((position: number | undefined) => void) | undefined
  const position = new Promise<number | undefined>((settle) => {
    resolve = settle
  })
  const end = (at: number | undefined): boolean => {
    if (resolve === undefined) return false
    clearTimeout(timer)
    resolve(at)
    resolve = undefined
    return true
  }
  const timer = setTimeout(() => end(undefined), graceMs)
  return { position, end }
}
