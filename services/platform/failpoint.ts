import { unlinkSync } from 'node:fs'

/**
 * Named lines at which a test may kill this process. `PODIUM_FAILPOINTS=name@/path/of/flag,…` dies with SIGKILL at such
 * a line once its flag file exists; the file is removed first, so that the restarted process continues. Unset, which is
 * always so outside tests, a failpoint costs one look into an empty map.
 */
const flags = new Map(
  (process.env.PODIUM_FAILPOINTS ?? '').split(',').flatMap((entry) => {
    const [name, flag] = entry.split('@')
    return name !== undefined && flag !== undefined ? [[name, flag] as const] : []
  }),
)

export const failpoint = (name: string): void => {
  const flag = flags.get(name)
  if (flag === undefined) return
  try {
    unlinkSync(flag)
  } catch {
    return // not armed, or already fired
  }
  process.kill(process.pid, 'SIGKILL')
}
