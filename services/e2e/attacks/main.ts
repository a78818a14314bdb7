import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startTarget } from '../target.ts'
import { allAttacks, attacksTable, runAttacks } from './list.ts'
import { measure } from './measure.ts'

/**
 * `npm run attacks`: attacks a Podium of its own and writes down what came of it. With --check it only
 * compares; --only takes a pattern of groups and names, and writes nothing. --measure prints what other games notice meanwhile.
 */

const file = new URL('../../../docs/attacks.md', import.meta.url)

const options = {
  check: { type: 'boolean', default: false },
  only: { type: 'string' },
  measure: { type: 'boolean', default: false },
} as const
const { check, only, measure: isMeasured } = parseArgs({ options }).values
const chosen = allAttacks.filter(({ group, name }) => new RegExp(only ?? '', 'i').test(`${group}: ${name}`))
const run = async (): Promise<void> => {
  const target = await startTarget()
  try {
    const observations = await runAttacks(target, chosen)
    const table = attacksTable(observations)
    const surprises = observations.filter(({ attack, observed }) => observed !== attack.expected)
    for (const { attack, observed } of surprises) {
      console.error(`${attack.group}: ${attack.name}: expected ${attack.expected}; observed ${observed}`)
    }
    const complaints = target.complaints()
    for (const line of complaints) console.error(`logged as an error: ${line}`)
    const isOld = check && only === undefined && readFileSync(file, 'utf8') !== table
    if (isOld) console.error('docs/attacks.md does not say what was observed; run: npm run attacks')
    if (!check && only === undefined) writeFileSync(file, table)
    console.log(`${observations.length} attacks, ${surprises.length} surprises`)
    process.exitCode = surprises.length + complaints.length === 0 && !isOld ? 0 : 1
  } finally {
    await target.stop()
  }
}

await (isMeasured ? measure(new RegExp(only ?? '')) : run())
