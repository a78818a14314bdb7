import { readArguments, USAGE, UsageError } from './arguments.ts'
import { createOutcomeSender } from './outcome-metrics.ts'
import { run } from './run.ts'

const write = (text: string) => void process.stdout.write(text)

try {
  const args = readArguments(process.argv.slice(2), process.env, '.podium/env')
  if (args.help) {
    write(USAGE)
  } else {
    const send = createOutcomeSender(process.env)
    const outcomes = await run(args, write, (line) => void process.stderr.write(line))
    process.exitCode = outcomes.mismatch === 0 ? 0 : 1
    await send(outcomes)
  }
} catch (error) {
  const sentence = error instanceof Error ? error.message : String(error)
  process.stderr.write(`Not verified: ${sentence}\n${error instanceof UsageError ? `\n${USAGE}` : ''}`)
  process.exitCode = 2
}
