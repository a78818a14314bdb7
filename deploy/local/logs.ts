import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { podiumDir } from './paths.ts'
import { createLineSplitter } from './processes/lines.ts'
import { createRecords } from './processes/records.ts'

/** "edge" matches every copy of the edge, "edge.2" only that one. */
export const isFrom = (service: string, line: string): boolean => {
  const name = line.slice(0, line.indexOf(' | '))
  return name === service || name.startsWith(`${service}.`)
}

if (import.meta.main) {
  const dir = podiumDir()
  const file = join(dir, 'logs', 'podium.log')
  const service = process.env.SERVICE ?? ''
  if (!existsSync(file)) {
    console.error(`there is no log yet (${file}); run: make up`)
    process.exit(1)
  }
  const isUp = createRecords(join(dir, 'pids')).running().length > 0
  // tail knows how to follow a file that is replaced; a stack that is down has nothing to follow.
  const tail = spawn('tail', isUp ? ['-n', '1000', '-F', file] : ['-n', '1000', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const splitter = createLineSplitter((line) => {
    if (service === '' || isFrom(service, line)) process.stdout.write(`${line}\n`)
  })
  tail.stdout.on('data', (chunk: Buffer) => splitter.push(chunk))
  tail.stdout.on('end', () => splitter.end())
  tail.once('error', (error) => {
    console.error(error.message)
    process.exitCode = 1
  })
  process.stdout.on('error', () => tail.kill()) // `make logs | head`
  process.on('SIGINT', () => tail.kill())
}
