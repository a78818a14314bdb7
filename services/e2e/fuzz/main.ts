import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { podiumDir } from '../../../deploy/local/paths.ts'
import { startTarget } from '../target.ts'
import { fuzz } from './run.ts'
import { FUZZ_STACK } from './stack.ts'
import { progressLine, textReport } from './text-report.ts'

/** `make fuzz`: attacks a Podium of its own with drawn inputs. SECONDS=600 SEED=n; without a seed it makes one up. */

const number = (name: string, fallback: number): number => {
  const text = process.env[name] ?? ''
  if (text === '') return fallback
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${name}=${text} must be a whole number above 0`)
  return value
}

const seconds = number('SECONDS', 60)
const seed = number('SEED', 1 + Math.floor(Math.random() * 1_000_000))
console.log(`seed ${seed}, ${seconds} s; again with: make fuzz SECONDS=${seconds} SEED=${seed}`)
const target = await startTarget(FUZZ_STACK)
try {
  const report = await fuzz(target, {
    seconds,
    seed,
    onProgress: (ledger, holdings) => console.log(progressLine(ledger, holdings)),
  })
  console.log(textReport(report))
  const folder = join(podiumDir(), 'fuzz')
  if (report.ledger.failures.length > 0) mkdirSync(folder, { recursive: true })
  for (const [index, { what, lane, input }] of report.ledger.failures.entries()) {
    const file = join(folder, `seed-${seed}-${index + 1}.bin`)
    writeFileSync(file, input)
    console.log(`${lane}: ${what}; what was sent is in ${file}`)
  }
  process.exitCode = report.faults.length === 0 ? 0 : 1
} finally {
  await target.stop()
}
