import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from '../../../deploy/local/paths.ts'
import type { Stack } from '../../../deploy/local/stack.ts'
import type { AnyStack } from '../../lib/crowd.ts'
import type { Check, ScenarioContext } from '../../lib/scenario.ts'
import type { CommitOrder, CommitStarted } from './stack.ts'

/** Podium as it was at another commit: a checkout, packages and data of its own, all of them removed afterwards. */
export interface CommitStack extends AnyStack {
  readonly commit: string
  /** Its own `verify`, over these sessions. */
  verify(sessionIds: readonly string[]): Promise<Check>
}

const START_MS = 120_000
const INSTALL_MS = 600_000
const VERIFY_MS = 120_000

const run = promisify(execFile)

/** Limits that one host and one address of a generator would reach; named as they were at the time. */
const RATES = { RATE_COMMANDS: '100000/10000', RATE_JOINS: '100000/50000', RATE_ADDRESS: '1000000/100000' }

export const startCommit = async (
  { defer, start, progress }: Pick<ScenarioContext, 'defer' | 'start' | 'progress'>,
  name: string,
): Promise<CommitStack> => {
  const commit = (await run('git', ['rev-parse', '--verify', `${name}^{commit}`], { cwd: projectRoot })).stdout.trim()
  // Outside of the project: tools that look at all of its files must not see two of it.
  const folder = mkdtempSync(join(tmpdir(), 'podium-bench-'))
  const checkout = join(folder, 'checkout')
  defer(async () => {
    rmSync(folder, { recursive: true, force: true })
    await run('git', ['worktree', 'prune'], { cwd: projectRoot })
  })
  await run('git', ['worktree', 'add', '--detach', '--force', checkout, commit], { cwd: projectRoot })
  // Packages with this process's own Node.js: it runs natively what was written for it.
  const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}` }
  progress(`${name}: installing its packages`)
  await run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: checkout, env, timeout: INSTALL_MS })
  const data = join(folder, 'data')
  mkdirSync(data, { recursive: true })
  const child = start('peers/commit/stack.ts')
  const order: CommitOrder = { kind: 'start', checkout, dir: data, env: RATES }
  const { urls, processes } = await child.ask<CommitStarted>(order, START_MS)
  defer(() => child.ask({ kind: 'stop' } satisfies CommitOrder))
  let asking: Promise<unknown> = Promise.resolve()
  const serverUrls = { DATABASE_URL: urls.postgres, REDIS_URL: urls.redis, NATS_URL: urls.nats }
  return {
    commit,
    urls: urls as Stack['urls'],
    processes: processes as unknown as Stack['processes'],
    issuer: {
      token: (claims) => {
        // One after the other: a child answers in order.
        const token = asking.then(() => child.ask<string>({ kind: 'token', claims } satisfies CommitOrder))
        asking = token.catch(() => undefined)
        return token
      },
    },
    verify: async (sessionIds) => {
      const failed: string[] = []
      for (const sessionId of sessionIds) {
        const args = ['run', '-s', 'verify', '--', '--session', sessionId]
        const options = { cwd: checkout, env: { ...env, ...serverUrls } as NodeJS.ProcessEnv, timeout: VERIFY_MS }
        await run('npm', args, options).catch((error: unknown) => failed.push(String(error).slice(0, 300)))
      }
      return {
        sentence: `${name}: its own verify finds ${sessionIds.length} sessions equal (${failed.length} are not${failed[0] === undefined ? '' : `: ${failed[0]}`})`,
        holds: failed.length === 0,
      }
    },
  }
}
