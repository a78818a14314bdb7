/** The boards that one client got while it was connected. */
export interface FrameLog {
  /** Undefined for the host. */
  readonly playerId: string | undefined
  readonly since: number
  until: number | undefined
  /** They never go back. */
  readonly versions: number[]
  readonly times: number[]
}

/** When a client first got this version or a later one: searched by halves. */
export const arrivalOf = (
  version: number | undefined,
  { versions, times }: Pick<FrameLog, 'versions' | 'times'>,
): number | undefined => {
  if (version === undefined) return undefined
  let [low, high] = [0, versions.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((versions[middle] ?? 0) < version) low = middle + 1
    else high = middle
  }
  return times[low]
}
