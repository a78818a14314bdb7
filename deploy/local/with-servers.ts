import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { startTestPostgres } from './test-postgres.ts'

const usage = `Usage: node deploy/local/with-servers.ts -- command [argument…]

Starts a throw-away Postgres with the migrations applied, runs the command with its URL in TEST_DATABASE_URL, stops it
again and exits as the command did. With TEST_DATABASE_URL set already it only runs the command.
`

const run = (command: readonly string[], env: NodeJS.ProcessEnv): Promise<number> =>
  new Promise((resolve, reject) => {
    const [file = '', ...args] = command
    const child = spawn(file, args, { env, stdio: 'inherit' })
    // Ctrl-C reaches the whole group; a signal to us alone has to be passed on.
    const pass = (signal: NodeJS.Signals) => child.kill(signal)
    process
      .on('SIGTERM', pass)
      .on('SIGHUP', pass)
      .on('SIGINT', () => undefined)
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  })

if (import.meta.main) {
  const [separator, ...command] = process.argv.slice(2)
  if (separator !== '--' || command.length === 0) {
    process.stderr.write(usage)
    process.exit(2)
  }
  if (process.env.TEST_DATABASE_URL !== undefined) process.exit(await run(command, process.env))
  const postgres = await startTestPostgres()
  try {
    process.exitCode = await run(command, { ...process.env, TEST_DATABASE_URL: postgres.url })
  } finally {
    await postgres.stop()
  }
}
