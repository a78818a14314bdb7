import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Scenario } from './scenario.ts'

const folder = join(import.meta.dirname, '..', 'scenarios')

/** Raw programs first, then what they are the ceilings of; the others by name. */
const ORDER = ['ceilings', 'http', 'pipeline', 'session', 'fanout', 'connections', 'join-storm', 'reconnect-storm']

/** In the order in which they run. */
export const scenarioNames = (): readonly string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))

const rank = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length)

/** Every file in `scenarios/` exports one as `scenario`. */
export const loadScenario = async (name: string): Promise<Scenario> => {
  const { scenario } = (await import(pathToFileURL(join(folder, `${name}.ts`)).href)) as { scenario: Scenario }
  if (scenario.name !== name) throw new Error(`bench/scenarios/${name}.ts exports the scenario ${scenario.name}`)
  return scenario
}
