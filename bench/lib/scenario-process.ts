import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStack } from '../../deploy/local/stack.ts'
import { durabilityFacts } from './durability.ts'
import type { Facts } from './environment.ts'
import { pinGenerator } from './pinning.ts'
import { loadScenario } from './registry.ts'
import type { ScenarioContext, ScenarioResult } from './scenario.ts'

/** One scenario in a process of its own, so that nothing of one is left for the next. */

export interface ScenarioOrder {
  readonly name: string
  readonly quick: boolean
  readonly options: Readonly<Record<string, string>>
  readonly folder: string
}

export type ScenarioNews =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'facts'; readonly facts: Facts }
  | { readonly kind: 'result'; readonly result: ScenarioResult }
  | { readonly kind: 'failed'; readonly reason: string }

const tell = (news: ScenarioNews): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve()
    else process.send(news, () => resolve())
  })

const createContext = (
  { quick, options, folder }: ScenarioOrder,
  signal: AbortSignal,
): { context: ScenarioContext; end(): Promise<void> } => {
  const ends: (() => unknown)[] = []
  const context: ScenarioContext = {
    quick,
    options,
    folder,
    signal,
    progress: (text) => void tell({ kind: 'progress', text }),
    defer: (end) => void ends.push(end),
    stack: async (stackOptions = {}) => {
      const dir = mkdtempSync(join(tmpdir(), 'podium-bench-'))
      ends.push(() => rmSync(dir, { recursive: true, force: true }))
      const stack = await startStack({ logLevel: 'warn', signal, ...stackOptions, dir })
      ends.push(() => stack.stop())
      await tell({ kind: 'facts', facts: await durabilityFacts(stack.urls) })
      return stack
    },
    pinGenerator,
  }
  const end = async (): Promise<void> => {
    for (const last of ends.splice(0).reverse()) {
      try {
        await last()
      } catch (error) {
        context.progress(`could not tidy up: ${String(error)}`)
      }
    }
  }
  return { context, end }
}

const perform = async (order: ScenarioOrder, signal: AbortSignal): Promise<void> => {
  mkdirSync(order.folder, { recursive: true })
  const { context, end } = createContext(order, signal)
  const interrupted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`stopped by ${signal.reason}`)))
  })
  try {
    const scenario = await loadScenario(order.name)
    const result = await Promise.race([scenario.run(context), interrupted])
    await tell({ kind: 'result', result })
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
    await tell({ kind: 'failed', reason })
  } finally {
    await end()
  }
}

if (process.send !== undefined) {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.on(name, () => stop.abort(name))
  process.once('message', async (order: ScenarioOrder) => {
    await perform(order, stop.signal)
    process.exit(0)
  })
}
