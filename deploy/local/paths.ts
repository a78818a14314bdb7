import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Root of the project, wherever it is called from. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** Everything that running Podium leaves behind: `.podium` in the project, or PODIUM_DIR. */
export const podiumDir = (env: NodeJS.ProcessEnv = process.env): string =>
  resolve(projectRoot, env.PODIUM_DIR || '.podium')
