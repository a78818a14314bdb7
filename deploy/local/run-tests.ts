import { spawn } from 'node:child_process'
import { globSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { projectRoot } from './paths.ts'
import { startTestPostgres } from './test-postgres.ts'

/** In the order in which a failure says most. A suite's files run `jobs` at a time; an end-to-end test fills the machine alone. */
const suites = [
  { name: 'unit', jobs: 2 },
  { name: 'int', jobs: 2 },
  { name: 'e2e', jobs: 1 },
] as const

const folders = ['services', 'deploy/local', 'bench']

type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number }

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
    child.once('exit', (code) => resolve(code ?? 1))
    process.once('SIGTERM', () => child.kill('SIGTERM'))
  })

/**
 * Counts the named tests in tap's own record of a run: the results one level below the files. A file that broke before it
 * could name one counts as a failure.
 */
export const countTests = (tap: string): Counts => {
  const results = tap.matchAll(/^( {4})?(not )?ok \d+( - .*)?$/gm)
  let [passed, failed, skipped, failedInFile] = [0, 0, 0, 0]
  for (const [, indent, not, rest = ''] of results) {
    if (indent === undefined) {
      if (not !== undefined && failedInFile === 0) failed++
      failedInFile = 0
    } else if (/# (SKIP|TODO)/i.test(rest)) skipped++
    else if (not === undefined) passed++
    else {
      failed++
      failedInFile++
    }
  }
  return { passed, failed, skipped }
}

if (import.meta.main) {
  const { positionals } = parseArgs({ allowPositionals: true })
  const chosen = suites.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  const record = join(projectRoot, '.tap', 'podium')
  mkdirSync(record, { recursive: true })
  process.on('SIGINT', () => undefined) // reaches tap as well; we still stop Postgres
  const postgres = await startTestPostgres()
  const total = { passed: 0, failed: 0, skipped: 0 }
  try {
    for (const { name, jobs } of chosen) {
      const files = filesOf(name)
      if (files.length === 0) continue
      console.log(`\n${name} tests (${files.length} files)`)
      const output = join(record, `${name}.tap`)
      const args = ['--reporter=terse', `--jobs=${jobs}`, `--output-file=${output}`, ...files]
      const code = await runTap(args, { ...process.env, TEST_DATABASE_URL: postgres.url })
      const counts = countTests(readFileSync(output, 'utf8'))
      total.passed += counts.passed
      total.skipped += counts.skipped
      total.failed += code !== 0 && counts.failed === 0 ? 1 : counts.failed
    }
  } finally {
    await postgres.stop()
  }
  console.log(
    `\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`,
  )
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1
}
