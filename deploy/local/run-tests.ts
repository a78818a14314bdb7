import { spawn } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { projectRoot } from './paths.ts'
import { type Counts, countTests, failures } from './tap-record.ts'
import { startTestPostgres } from './test-postgres.ts'

/** In the order in which a failure says most. A suite's files run `jobs` at a time; an end-to-end test fills the machine alone. */
const suites = [
  { name: 'unit', jobs: 2 },
  { name: 'int', jobs: 2 },
  { name: 'e2e', jobs: 1 },
] as const

const folders = ['services', 'deploy', 'bench']

/** Test files of a suite, by their ending. */
const filesOf = (suite: string): string[] =>
  globSync(
    folders.map((folder) => `${folder}/**/*.${suite}.test.ts`),
    { cwd: projectRoot, exclude: (path) => path.includes('node_modules') },
  ).sort()

const runTap = (args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> =>
  new Promise((resolve, reject) => {
    const tap = join(projectRoot, 'node_modules/.bin/tap')
    const child = spawn(process.execPath, [tap, ...args], { cwd: projectRoot, env, stdio: 'inherit' })
    child.once('error', reject)
    const passOn = () => child.kill('SIGTERM')
    process.once('SIGTERM', passOn)
    child.once('exit', (code) => {
      process.removeListener('SIGTERM', passOn)
      resolve(code ?? 1)
    })
  })

const sentence = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

/** Runs one suite, with its failures on the terminal, and resolves with its counts. */
const runSuite = async (
  suite: (typeof suites)[number],
  files: readonly string[],
  databaseUrl: string,
): Promise<Counts> => {
  const began = performance.now()
  const output = join(projectRoot, '.tap', `podium-${suite.name}.tap`)
  mkdirSync(dirname(output), { recursive: true })
  rmSync(output, { force: true })
  // "terse" draws over its own lines, "min" is for logs. Neither shows every failure, so the record's are printed below.
  const reporter = process.stdout.isTTY ? 'terse' : 'min'
  const args = [`--reporter=${reporter}`, `--jobs=${suite.jobs}`, `--output-file=${output}`, ...files]
  const code = await runTap(args, { ...process.env, TEST_DATABASE_URL: databaseUrl })
  const record = existsSync(output) ? readFileSync(output, 'utf8') : ''
  const counts = countTests(record)
  const honest = code === 0 ? counts : { ...counts, failed: Math.max(counts.failed, 1) }
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  for (const failure of failures(record)) console.log(`\nFAILED ${failure}\n`)
  console.log(`${suite.name}: ${sentence(honest)} (${files.length} files, ${seconds} s)`)
  return honest
}

if (import.meta.main) {
  const { positionals } = parseArgs({ allowPositionals: true })
  const chosen = suites.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  let interrupted = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      interrupted = true // tap gets it too; no further suite, but Postgres is still stopped
    })
  }
  const postgres = await startTestPostgres()
  const total = { passed: 0, failed: 0, skipped: 0 }
  try {
    for (const suite of chosen) {
      const files = filesOf(suite.name)
      if (files.length === 0 || interrupted) continue
      const counts = await runSuite(suite, files, postgres.url)
      for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += counts[key]
    }
  } finally {
    await postgres.stop()
  }
  console.log(`\n${sentence(total)}`)
  process.exitCode = total.failed === 0 && total.passed > 0 && !interrupted ? 0 : 1
}
