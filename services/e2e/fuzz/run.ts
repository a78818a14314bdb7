import { setTimeout as sleep } from 'node:timers/promises'
import { openFiles, residentBytes } from '../../../bench/lib/processes.ts'
import { eventually } from '../../platform/test/support/eventually.ts'
import type { Target } from '../target.ts'
import { type HonestGames, playHonestGames } from './honest-games.ts'
import { mutantLane, requestLane } from './http-lanes.ts'
import type { Lane } from './lane.ts'
import { createLedger, type FuzzLedger, totalOf } from './ledger.ts'
import { createStage } from './stage.ts'
import { streamLane } from './stream-lane.ts'

/** What an edge holds. */
export interface Holdings {
  readonly residentBytes: number
  readonly files: number
}

export interface FuzzReport {
  readonly seed: number
  readonly seconds: number
  readonly ledger: FuzzLedger
  readonly honest: HonestGames
  readonly before: Holdings
  /** At the end of the attacks. */
  readonly during: Holdings
  /** When all clients have gone. */
  readonly after: Holdings
  /** Sentences; empty when all is well. */
  readonly faults: readonly string[]
}

export interface FuzzOptions {
  readonly seed: number
  /** Lasts until it has run so long and sent so many inputs, but not ten times as long. */
  readonly seconds: number
  readonly atLeast?: number
  /** Called every ten seconds. */
  readonly onProgress?: (ledger: FuzzLedger, holdings: Holdings) => void
}

const LANES: readonly (readonly [name: string, lane: Lane, count: number])[] = [
  ['request', requestLane, 24],
  ['mutant', mutantLane, 24],
  ['stream', streamLane, 24],
]

const PROGRESS_MS = 10_000
/** An edge closes what is left of a connection, and drops what is unused, in this time. */
const SETTLE_MS = 20_000
/** Connections that are there for other reasons: of the operator, of an honest client. */
const SPARE_FILES = 4
/** A heap that has grown stays grown; a leak of 100 bytes an input would be more than this in a long run. */
const SPARE_BYTES = 300 * 2 ** 20

/** Attacks an edge for a while and says what came of it. The same seed draws the same inputs. */
export const fuzz = async (
  target: Target,
  { seed, seconds, atLeast = 0, onProgress }: FuzzOptions,
): Promise<FuzzReport> => {
  const edge = target.stack.process('edge')
  const pid = edge.pid ?? 0
  const holdings = (): Holdings => ({ residentBytes: residentBytes(pid), files: openFiles(pid) })
  const ledger = createLedger()
  await playHonestGames(target, () => true)
  const stage = await createStage(target)
  const before = holdings()

  const began = performance.now()
  const isOver = (): boolean => {
    const passed = (performance.now() - began) / 1_000
    return (passed > seconds && totalOf(ledger) >= atLeast) || passed > 10 * seconds || edge.pid !== pid
  }
  const context = { port: target.port, ledger, isOver, words: stage.words }
  const lanes = LANES.flatMap(([name, lane, count]) =>
    Array.from({ length: count }, (_, index) => {
      const laneName = `${name} ${index}`
      return lane(context, laneName, seed * 1_000_003 + index * 7_919 + name.length * 104_729).catch((error: unknown) =>
        ledger.fail(`a lane broke: ${error instanceof Error ? error.message : error}`, laneName, Buffer.alloc(0)),
      )
    }),
  )
  const progress = setInterval(() => onProgress?.(ledger, holdings()), PROGRESS_MS)
  const games = playHonestGames(target, isOver)
  const renewal = stage.keepUp(isOver)
  await Promise.all(lanes)
  const took = (performance.now() - began) / 1_000
  clearInterval(progress)
  const honest = await games
  await renewal
  const faults = [...ledger.failures.map(({ what, lane }) => `${lane}: ${what}`), ...honest.faults]
  if (edge.pid !== pid || edge.restarts > 0) {
    faults.push('the edge died')
    return { seed, seconds: took, ledger, honest, before, during: before, after: before, faults }
  }

  const during = holdings()
  const deadline = performance.now() + SETTLE_MS
  while (holdings().files > before.files + SPARE_FILES && performance.now() < deadline) await sleep(250)
  const after = holdings()
  if (after.files > before.files + SPARE_FILES)
    faults.push(`${after.files} files are open, ${before.files} were before`)
  if (after.residentBytes > before.residentBytes + SPARE_BYTES) faults.push('the memory of the edge has grown')
  const rerun = await playHonestGames(target, () => true)
  faults.push(...rerun.faults.map((fault) => `afterwards: ${fault}`))
  for (const sessionId of stage.sessions.slice(-5)) {
    const isExact = async () => (await target.differences(sessionId)).length === 0
    const what = `the records of session ${sessionId} agree`
    await eventually(isExact, { timeoutMs: 30_000, intervalMs: 100, what }).catch((error: Error) =>
      faults.push(error.message),
    )
  }
  const restarts = target.stack.processes.filter((process) => process.restarts > 0)
  faults.push(...restarts.map(({ name }) => `${name} died`))
  faults.push(
    ...target
      .complaints()
      .slice(0, 10)
      .map((line) => `logged: ${line}`),
  )
  return { seed, seconds: took, ledger, honest, before, during, after, faults }
}
