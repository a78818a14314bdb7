import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Root of the project, wherever it is called from. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** Where a stack with `observe` keeps its traces: exports in OTLP's JSON, one per line. */
export const tracesFile = (dir: string): string => join(dir, 'traces.jsonl')

/** Everything that running Podium leaves behind: `.podium` in the project, or PODIUM_DIR. */
export const podiumDir = (env: NodeJS.ProcessEnv = process.env): string =>
  resolve(projectRoot, env.PODIUM_DIR || '.podium')
