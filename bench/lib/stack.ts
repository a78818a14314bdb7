import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Stack, startStack } from '../../deploy/local/stack.ts'
import { environment } from './environment.ts'

/** Runs a measurement on a whole stack of its own with two edges; exit code 0 when it says that all was well. */
export const measureStack = async (run: (stack: Stack) => Promise<boolean>): Promise<void> => {
  process.stdout.write(`${environment()}\n`)
  const dir = await mkdtemp(join(tmpdir(), 'podium-bench-'))
  const stack = await startStack({ dir, copies: { edge: 2 }, logLevel: 'warn' })
  try {
    process.exitCode = (await run(stack)) ? 0 : 1
  } finally {
    await stack.stop()
    await rm(dir, { recursive: true, force: true })
  }
}
