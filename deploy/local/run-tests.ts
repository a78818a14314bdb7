import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Parser, type Result } from 'tap-parser'
import { stringify } from 'yaml'
import { projectRoot } from './paths.ts'
import { startTestPostgres } from './test-postgres.ts'

const usage = `Usage: node deploy/local/run-tests.ts [unit|int|e2e|path/of/the.test.ts…]

Runs tests, all of them unless suites or files are given. A single file's output is shown as it is (TAP).
`

/**
 * In the order in which a failure says most. `processes` run at a time: while one waits for a server or a deadline, another works.
 * So many files share a process: Node and tap are loaded once for all of them.
 */
const suites = [
  { name: 'unit', processes: 2, filesPerProcess: 50 },
  { name: 'int', processes: 3, filesPerProcess: 5 },
  { name: 'e2e', processes: 2, filesPerProcess: 1 },
] as const

const counts = { passed: 0, failed: 0, skipped: 0 }
type Counts = typeof counts

const filesOf = (suite: string): string[] =>
  globSync(`{services,deploy,bench}/**/*.${suite}.test.ts`, {
    cwd: projectRoot,
    exclude: (path) => path.includes('node_modules'),
  }).sort()

/** The processes that run now; a signal is passed on to them. */
const running = new Set<ReturnType<typeof spawn>>()
let interrupted = false

const start = (files: readonly string[], stdout: 'inherit' | 'pipe', env: NodeJS.ProcessEnv) => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'test-files.ts')], {
    cwd: projectRoot,
    // tap ends a process after this many seconds; each file has its own, shorter time.
    env: { ...process.env, ...env, TEST_FILES: files.join('\n'), TAP_TIMEOUT: '600' },
    stdio: ['ignore', stdout, 'inherit'],
  })
  running.add(child)
  const exited = new Promise<number>((done) => {
    child.once('close', (code) => {
      running.delete(child)
      done(code ?? 1)
    })
  })
  return { child, exited }
}

/** Runs files in a process of their own, adds their tests to `total`, and prints a line for each and every failure. */
const runFiles = async (files: readonly string[], env: NodeJS.ProcessEnv, total: Counts): Promise<void> => {
  const { child, exited } = start(files, 'pipe', env)
  let failures: string[] = []
  const watch = (parser: Parser, names: readonly string[]): void => {
    let inner: Parser | undefined
    parser.on('child', (child: Parser) => {
      inner = child
      watch(child, [...names, child.name])
    })
    parser.on('assert', (result: Result) => {
      const isExplained = inner !== undefined && inner.fail > 0
      inner = undefined
      const outcome = result.skip || result.todo ? 'skipped' : result.ok ? 'passed' : 'failed'
      if (names.length === 1) total[outcome]++ // a named test; below are its assertions, above is the file
      if (outcome === 'failed' && !isExplained) {
        failures.push(`${[...names, result.name].join(' > ')}\n${stringify(result.diag ?? {})}`)
      }
      if (names.length > 0) return
      console.log(`  ${outcome.padEnd(7)} ${result.name} (${((result.time ?? 0) / 1000).toFixed(1)} s)`)
      for (const failure of failures) console.log(`\nFAILED ${failure}`)
      failures = []
    })
  }
  const failedBefore = total.failed
  const root = new Parser()
  watch(root, [])
  child.stdout?.pipe(root)
  const code = await exited
  if (code === 0 || total.failed > failedBefore) return
  console.log(`\nFAILED ${files.join(', ')}\nthe process ended with code ${code}\n`)
  total.failed++
}

const sentence = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

const runSuite = async (
  { name, processes, filesPerProcess }: (typeof suites)[number],
  files: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Counts> => {
  const began = performance.now()
  const total = { ...counts }
  const queue: string[][] = []
  for (let at = 0; at < files.length; at += filesPerProcess) queue.push(files.slice(at, at + filesPerProcess))
  const work = async () => {
    for (let next = queue.shift(); next !== undefined && !interrupted; next = queue.shift()) {
      await runFiles(next, env, total)
    }
  }
  await Promise.all(Array.from({ length: processes }, work))
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(`${name}: ${sentence(total)} (${files.length} files, ${seconds} s)\n`)
  return total
}

/** The wanted files, by suite. */
const chosenFiles = (wanted: readonly string[]) => {
  const paths = wanted.filter((name) => name.endsWith('.test.ts')).map((path) => relative(projectRoot, resolve(path)))
  const isSuite = (name: string) => suites.some((suite) => suite.name === name)
  const unknown = wanted.find((name) => !name.endsWith('.test.ts') && !isSuite(name))
  if (unknown !== undefined) {
    process.stderr.write(`there is no suite ${unknown}\n\n${usage}`)
    process.exit(2)
  }
  return suites
    .map((suite) => {
      const isWanted = wanted.length === 0 || wanted.includes(suite.name)
      return {
        suite,
        files: isWanted ? filesOf(suite.name) : paths.filter((p) => p.endsWith(`.${suite.name}.test.ts`)),
      }
    })
    .filter(({ files }) => files.length > 0)
}

if (import.meta.main) {
  const { positionals } = parseArgs({ allowPositionals: true })
  const chosen = chosenFiles(positionals)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      interrupted = true
      for (const child of running) child.kill(signal)
    })
  }
  const needsServers = chosen.some(({ suite }) => suite.name !== 'unit') && process.env.TEST_DATABASE_URL === undefined
  const postgres = needsServers ? await startTestPostgres() : undefined
  const env = postgres?.env ?? {}
  try {
    const files = chosen.flatMap(({ files }) => files)
    if (files.length === 1) {
      process.exitCode = await start(files, 'inherit', env).exited
    } else {
      const total = { ...counts }
      for (const { suite, files } of chosen) {
        const counted = await runSuite(suite, files, env)
        for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += counted[key]
      }
      console.log(sentence(total))
      process.exitCode = total.failed === 0 && total.passed > 0 && !interrupted ? 0 : 1
    }
  } finally {
    await postgres?.stop()
  }
}
