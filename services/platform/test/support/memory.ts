import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What this process holds once garbage is gone, in bytes: a test may compare it with a limit. */
export const memoryHeld = (): NodeJS.MemoryUsage => {
  collect()
  return process.memoryUsage()
}
