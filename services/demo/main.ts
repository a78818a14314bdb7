import { runDemo } from './demo.ts'
import { readSettings, USAGE, UsageError } from './settings.ts'

const INTERRUPTED = 130

const args = process.argv.slice(2)
const abort = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => abort.abort())

if (args.includes('--help') || args.includes('-h')) {
  process.stdout.write(USAGE)
} else {
  try {
    const settings = readSettings(args, process.env)
    const agreed = await runDemo(settings, { env: process.env, out: process.stdout, signal: abort.signal })
    process.exitCode = agreed ? 0 : 1
  } catch (error) {
    const isUsage = error instanceof UsageError
    const text = isUsage || !(error instanceof Error) ? String(error) : (error.stack ?? error.message)
    process.stderr.write(abort.signal.aborted ? 'Interrupted.\n' : `${text}\n`)
    process.exitCode = abort.signal.aborted ? INTERRUPTED : isUsage ? 2 : 1
  }
}
