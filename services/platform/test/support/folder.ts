import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/**
 * A temporary folder, removed in teardown after everything whose teardown was registered later. (tap's own `t.testdir` is
 * removed before, and so under the feet of a server that still runs.)
 */
export const testFolder = async (t: Pick<Test, 'teardown'>): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'podium-test-'))
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}
