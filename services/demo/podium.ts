import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Stack, stackOptionsFromEnv, startStack } from '../../deploy/local/stack.ts'

/** A whole Podium with its own servers, ports and data, gone without a trace at the end. */
export interface OwnPodium {
  readonly stack: Stack
  readonly logFile: string
  /** Stops everything. Keeps the logs when asked to. */
  stop(keepLogs: boolean): Promise<void>
}

export const startPodium = async (
  env: NodeJS.ProcessEnv,
  onEvent: (text: string) => void,
  signal: AbortSignal,
): Promise<OwnPodium> => {
  const dir = await mkdtemp(join(tmpdir(), 'podium-demo-'))
  const { copies } = stackOptionsFromEnv(env)
  try {
    const stack = await startStack({ dir, onEvent, signal, ...(copies !== undefined && { copies }), logLevel: 'info' })
    return {
      stack,
      logFile: join(dir, 'logs', 'podium.log'),
      stop: async (keepLogs) => {
        await stack.stop()
        const parts = keepLogs ? ['data', 'keys', 'pids'].map((part) => join(dir, part)) : [dir]
        for (const part of parts) await remove(part)
      },
    }
  } catch (error) {
    await remove(dir)
    throw error
  }
}

const remove = (path: string): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 5 })
