import { fork } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { podiumDir, tracesFile } from './paths.ts'
import { createRecords } from './processes/records.ts'
import type { SupervisorMessage } from './supervisor.ts'

const dir = podiumDir()

/** Starts the supervisor as a process of its own session and waits for what it says. */
const startSupervisor = (): Promise<{ ready: true } | { ready: false; reason: string }> => {
  mkdirSync(join(dir, 'logs'), { recursive: true, mode: 0o700 })
  const output = openSync(join(dir, 'logs', 'supervisor.log'), 'w', 0o600)
  const child = fork(fileURLToPath(new URL('supervisor.ts', import.meta.url)), {
    detached: true,
    stdio: ['ignore', output, output, 'ipc'],
  })
  // Ctrl-C means: not after all. The supervisor stops what it started, and its answer ends our waiting.
  const giveUp = () => child.kill('SIGTERM')
  process.on('SIGINT', giveUp).on('SIGTERM', giveUp)
  return new Promise((resolve) => {
    child.on('message', (message: SupervisorMessage) => {
      if (message.kind === 'event') console.log(`  ${message.text}`)
      if (message.kind === 'failed') resolve({ ready: false, reason: message.reason })
      if (message.kind !== 'ready') return
      child.disconnect()
      child.unref()
      resolve({ ready: true })
    })
    child.once('exit', (code, signal) => {
      const said = readFileSync(join(dir, 'logs', 'supervisor.log'), 'utf8').trim()
      resolve({ ready: false, reason: `the supervisor ended (${signal ?? `exit code ${code}`})\n${said}`.trim() })
    })
  })
}

/** A stack of this folder that another process starts or holds: waits until it is ready. False when there is none. */
const isUpAlready = async (): Promise<boolean> => {
  const isHeld = () =>
    createRecords(join(dir, 'pids'))
      .running()
      .some(({ role }) => role === 'supervisor')
  while (isHeld()) {
    if (existsSync(join(dir, 'env'))) return true
    await sleep(100)
  }
  return false
}

/** Terminals are recorded and shown around. */
const withoutPassword = (address = ''): string =>
  address.replaceAll(/:[^:@/]+@/g, '@').replaceAll(/\?sentinelPassword=[^,]*/g, '')

const describe = (): string => {
  const urls = parseEnv(readFileSync(join(dir, 'env'), 'utf8'))
  return `
${urls.WEB_URL === undefined ? '' : `  Pages     ${urls.WEB_URL}/play and ${urls.WEB_URL}/host\n`}  Edge      ${urls.EDGE_URL}
  NATS      ${withoutPassword(urls.NATS_URL)}
  Redis     ${withoutPassword(urls.REDIS_URL)}
  Postgres  ${withoutPassword(urls.DATABASE_URL)}
${urls.PROMETHEUS_URL === undefined ? '' : `  Metrics   ${urls.PROMETHEUS_URL}\n`}
Next:
  npm run -s token -- --role host --name Ada    a token that may create quizzes and sessions
  curl ${urls.EDGE_URL}/readyz
  . ${join(dir, 'env')}    EDGE_URL, NATS_URL, REDIS_URL and DATABASE_URL for your shell, with passwords
${existsSync(tracesFile(dir)) ? '  npm run -s trace -- --answer ID    what became of one answer\n' : ''}  make logs SERVICE=edge    follow the logs, of all services without SERVICE
  make down    stop everything; the data stays
`
}

if (import.meta.main) {
  const began = performance.now()
  if (await isUpAlready()) {
    console.log(`Podium is up already\n${describe()}`)
  } else {
    console.log('Starting Podium')
    const result = await startSupervisor()
    if (result.ready) {
      console.log(`\nPodium is up (${((performance.now() - began) / 1000).toFixed(1)} s)\n${describe()}`)
    } else {
      console.error(
        `\nPodium did not start: ${result.reason}\n\nThe whole log is in ${join(dir, 'logs', 'podium.log')}`,
      )
      process.exitCode = 1
    }
  }
}
