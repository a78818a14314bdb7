import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStack } from '../../deploy/local/stack.ts'
import { findScenario } from '../scenarios/index.ts'
import { durabilityFacts, type Facts } from './facts.ts'
import { prioritize, startChild } from './processes.ts'
import type { ScenarioContext, ScenarioResult } from './scenario.ts'

/** One scenario in a process of its own, so that nothing of one is left for the next. */

export interface ScenarioOrder {
  readonly name: string
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

const perform = async ({ name, options, folder }: ScenarioOrder, signal: AbortSignal): Promise<void> => {
  mkdirSync(folder, { recursive: true })
  const ends: (() => unknown)[] = []
  const progress = (text: string): void => void tell({ kind: 'progress', text })
  const context: ScenarioContext = {
    options,
    numbers: Object.fromEntries(Object.entries(options).map(([key, value]) => [key, Number(value)])),
    folder,
    signal,
    progress,
    defer: (end) => void ends.push(end),
    stack: async (stackOptions = {}) => {
      const dir = mkdtempSync(join(tmpdir(), 'podium-bench-'))
      ends.push(() => rmSync(dir, { recursive: true, force: true }))
      const stack = await startStack({ logLevel: 'warn', signal, ...stackOptions, dir })
      ends.push(() => stack.stop())
      await tell({ kind: 'facts', facts: await durabilityFacts(stack.urls) })
      return stack
    },
    start: (file, { isGenerator = false, ...childOptions } = {}) => {
      const child = startChild(join(import.meta.dirname, '..', file), childOptions)
      ends.push(child.stop)
      if (isGenerator) prioritize(child.pid)
      return child
    },
  }
  const interrupted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`stopped by ${signal.reason}`)))
  })
  try {
    const result = await Promise.race([findScenario(name).run(context), interrupted])
    await tell({ kind: 'result', result })
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
    await tell({ kind: 'failed', reason })
  } finally {
    for (const end of ends.reverse()) {
      try {
        await end()
      } catch (error) {
        progress(`could not tidy up: ${String(error)}`)
      }
    }
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
