import { unlinkSync } from 'node:fs'

/**
 * A named line at which a test may kill this process. `PODIUM_FAILPOINT=name@/path/of/flag` dies with SIGKILL at that
 * line once while the flag file exists (the file is removed first, so that the restarted process goes on). Unset, which
 * is always so outside tests, it costs one comparison.
 */
const [armedName, flagFile] = (process.env.PODIUM_FAILPOINT ?? '').split('@')

export const failpoint = (name: string): void => {
  if (armedName !== name || flagFile === undefined) return
  try {
    unlinkSync(flagFile)
  } catch {
    return // not armed, or already fired
  }
  process.kill(process.pid, 'SIGKILL')
}
