import type { Target } from '../target.ts'
import type { Attack } from './attack.ts'
import { busAttacks } from './bus.ts'
import { echoAttacks, framingAttacks, slowAttacks } from './http.ts'
import { gameAttacks, idAttacks, jsonAttacks, sseAttacks, tokenAttacks } from './input.ts'
import { crowdAttacks, deceitAttacks, expensiveAttacks, importAttacks } from './one-against-all.ts'
import { frameAttacks, socketAttacks } from './websocket.ts'

/** The attacks of `make test`. */
export const attacks: readonly Attack[] = [
  ...framingAttacks,
  ...slowAttacks,
  ...echoAttacks,
  ...frameAttacks,
  ...socketAttacks,
  ...sseAttacks,
  ...jsonAttacks,
  ...idAttacks,
  ...tokenAttacks,
  ...gameAttacks,
  ...expensiveAttacks,
  ...deceitAttacks,
  ...busAttacks,
]

/** Every attack, in the order of the table. */
export const allAttacks: readonly Attack[] = [...attacks, ...importAttacks, ...crowdAttacks]

export interface Observation {
  readonly attack: Attack
  readonly observed: string
}

/** Attacks under way at once: the slow ones wait for clocks, and an edge has to bear several anyway. */
const AT_ONCE = 12

const observe = (attack: Attack, target: Target): Promise<string> =>
  attack.run(target).catch((error: unknown) => `failed: ${error instanceof Error ? error.message : error}`)

/** Runs the attacks, several at a time, the slow ones first; the observations are in the order of the attacks. */
export const runAttacks = async (target: Target, attacks: readonly Attack[]): Promise<readonly Observation[]> => {
  const observed = new Map<Attack, string>()
  const queue = attacks.toSorted((a, b) => Number(b.isSlow) - Number(a.isSlow))
  const work = async (): Promise<void> => {
    for (let attack = queue.shift(); attack !== undefined; attack = queue.shift()) {
      observed.set(attack, await observe(attack, target))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return attacks.map((attack) => ({ attack, observed: observed.get(attack) ?? '' }))
}

const INTRODUCTION = `# Attacks, and what comes of them

Written by \`npm run attacks\`, which tries them all on a whole Podium; \`npm run attacks -- --check\` compares. The same list, but for
imports and crowds, is part of \`make test\`. What needs no whole Podium is tested where it is implemented, such as forged tokens in \`services/edge/test/auth\` and
poisoned messages in the tests of each worker. A number is the HTTP status, behind it the \`code\` of the problem document (the driver's own responses
have none); "closed" means that the edge closed the connection. WebSockets: the close code, 1006 when there was none.
`

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** The document with the table. */
export const attacksTable = (observations: readonly Observation[]): string => {
  const groups = Map.groupBy(observations, ({ attack }) => attack.group)
  const tables = [...groups].map(([group, members]) => {
    const rows = members.map(
      ({ attack, observed }) => `| ${cell(attack.name)} | ${cell(attack.expected)} | ${cell(observed)} |`,
    )
    return [`\n## ${group}\n`, '| Attack | Expected | Observed |', '|---|---|---|', ...rows, ''].join('\n')
  })
  return `${INTRODUCTION}${tables.join('')}`
}
